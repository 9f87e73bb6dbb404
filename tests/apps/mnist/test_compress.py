"""Unpacking of `.Z` files: what `compress` itself packed, and damage."""

from __future__ import annotations

import base64
import contextlib
import zlib

import pytest

from apps.mnist.compress import DamagedError, unpack

LETTERS = bytes(97 + (i * i * 7919 + i // 3) % 104729 % 4 for i in range(1100))
PACKED_LETTERS = base64.b85decode(
    "ADxh4$b=avaLky2V#bhB$nc;TGGxSr5tFc@#4rj2Ql#iGph1BW$83Cv@!-UY5jQFf$#7xHfgd9Zg!wY1$cQ3I-khlsqCuDsTRxNs"
    "apFyjFimnqT2iA*j08;{73mNnM}`;|I{Z0vsLzZ<6B<nDQK7(y18F8LdT=bskYaHX1UZ##P>D-ZQnXs~<Isx<7X}=>@?lq~7c-WG"
    "=+bRQ!5b&~G~6?w*0lxuf(^>JFv6f&tx7dJ_^V{46D40hiSy?{twm*8Cc7~1P?1?ZJ~g~kW9qDXyUMl-I<42*d~@zCi5I2Cf|So@"
    "y_uS--N~^p798D~`P;H9O%_FI@TXyxGTnmY>{BaC-)Y;1b)Iv5QG%8~vMw*zBSMTLK{r@x+Tm0ififX?7G9D8=#+Jdq4kkaiM@6a"
    "em}7mRCz`zMG;i9fyUEz=)J}mSpc#%om4~-=G|i#5;h-%!R<v_TlGm;QB?|7wjE}Iskfg?e-U?6L#k1QRe3CyMp%w8oum_P6Rz0d"
    "XAFiYm~@^EiR5{40R"
)
"""What `compress` (ncompress 4.2) makes of LETTERS: codes of 9 bits, and then of 10."""
RUNS = b"a" * 33_000 + b"b" * 12_000 + b"ab" * 100
PACKED_RUNS = zlib.decompress(
    base64.b85decode(
        "c-rmS%`1Ze0LO805f`F3U}_i5g<Kq!(mXSii{#yb=AuxJY6oLP?LaXb^D@t{muK&<^jNm%F{3A;nbDG$CA5Sj${*n5`1_tdf5exk"
        "9PdiaC=eRdyVCR=L2JOUM2}_hi3Oo?*)PwpkX!_en*HhG>WP9{(@IcL(nPifO{?r|Sr4;NORa_GD+eDgg4B9gRVB?RB+S}ljZh(I"
        "W6T@edZUI=5*G4A*Gx&Gj74{<@1!RRMb^!8s*fYvSnF2AHV|i&BHMP<HIjUYvNnCpH=34NRA)C_)3Th>_5-^yzCXhkE!H_qH|$(R"
        "|K)*$x(%zV<watr`JU4@>Doh1OXAef!!C+l*2jo_FmV}j*`8uM(o9~x+x`*{C`vmH-Hzn#kw&Dd_c&h@XH<Xe(Bpc0x}xR02Cw@g"
        "dB^EG!d}nk+jE>%HTb+=pYO>;EbQ}rfA{)j+5DQx{PONS0000000000000000000000000000000000000000{zOV@%5UBObSdZ2"
        "vTR~Vd%P^17KoXl4Q{PbMNARH<O$iVmxNk!e*ox2Sd#"
    )
)
"""What `compress -b 9` makes of RUNS: no wider codes, and as the table of codes gets useless, it is forgotten."""


@pytest.mark.parametrize(
    ("text", "packed"),
    [
        (b"", "1f9d90"),
        (b"a", "1f9d906100"),
        (b"aaaa", "1f9d9061028601"),
        (b"ab" * 10, "1f9d9061c4041c28b0204182"),
        (bytes([0, 255] * 3), "1f9d9000fe050c08"),
    ],
)
def test_short_texts(text: bytes, packed: str) -> None:
    assert unpack(bytes.fromhex(packed), 20) == text


def test_codes_that_get_wider() -> None:
    assert unpack(PACKED_LETTERS, len(LETTERS)) == LETTERS


def test_codes_that_are_forgotten() -> None:
    assert unpack(PACKED_RUNS, len(RUNS)) == RUNS
    without = PACKED_RUNS[:2] + b"\x09" + PACKED_RUNS[3:]  # flags that say that 256 is a code like any other
    with contextlib.suppress(DamagedError):
        assert unpack(without, 1 << 20) != RUNS


def test_no_more_than_the_limit_is_unpacked() -> None:
    with pytest.raises(DamagedError, match="holds more than 1,099 bytes"):
        unpack(PACKED_LETTERS, len(LETTERS) - 1)


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (b"", "does not begin as `compress` begins"),
        (b"\x1f\x9d", "does not begin as `compress` begins"),
        (b"\x1f\x8b\x90abc", "does not begin as `compress` begins"),
        (b"\x1f\x9d\x88abc", "has the flags 0x88"),
        (b"\x1f\x9d\x91abc", "has the flags 0x91"),
        (b"\x1f\x9d\xb0abc", "has the flags 0xb0"),
        (bytes.fromhex("1f9d90ff03"), "holds the code 511, which has no meaning yet, before byte 5"),
        (bytes.fromhex("1f9d900103"), "holds the code 257, which has no meaning yet"),
        (bytes.fromhex("1f9d9061"), "is cut short: it ends in the middle of a code"),
        (bytes.fromhex("1f9d9061fe"), "is cut short|has no meaning yet"),
    ],
)
def test_damage_is_told(packed: bytes, said: str) -> None:
    with pytest.raises(DamagedError, match=said):
        unpack(packed, 1000)


def test_what_is_cut_short_is_told_or_gives_a_beginning() -> None:
    """There is no checksum: a file that ends with a code is a whole one."""
    told = 0
    for length in range(len(PACKED_LETTERS)):
        try:
            assert LETTERS.startswith(unpack(PACKED_LETTERS[:length], 2000))
        except DamagedError:
            told += 1
    assert told > length / 2


def test_no_damage_is_more_than_an_error() -> None:
    for place in range(len(PACKED_LETTERS)):
        for bit in (1, 16, 128):
            damaged = bytearray(PACKED_LETTERS)
            damaged[place] ^= bit
            with contextlib.suppress(DamagedError):
                assert unpack(bytes(damaged), 100_000) != LETTERS
