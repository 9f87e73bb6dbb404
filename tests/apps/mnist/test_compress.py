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
RUNS = b"".join(bytes([letter]) * 30_000 for letter in b"abcd")
PACKED_RUNS = zlib.decompress(
    base64.b85decode(
        "c-rmM=}%J!003~a86fHh5)H5fg+v3TEk~jQOiV_i0R(g;8sGyWMgpZRN1_2fn2ZfZ8L-I)qik|1Nbdt$+5+X!Vq4mBxFW@Iw57*;eed<6H!X"
        "C3#*$^fKjN1#-1X#(bMg7yv3G4z7t!T%?rRAt`f9;Y{?wZf-Er6Pd-ADq*~`S+UGaCPCszAV59sBq({GjJjHimByS&M@SJ}^?y;UA%V>GAj+"
        "~op3_2YPcANrAkPg7Hh#|wrFX6T<7Wjy@8VuqpNR7$!o7Ydl4c{nxwky60g6*d|a!-Ycj{(OrI+E)rW+NIVn&tEALarKhUi<k<PXv!e#y;?X"
        "@G&^ll4qhi5sAhS<#@OxdEBEI37B%$&qhf7t2G($&Do5_k3#_}MXYj$=ywI*)ZabfFUo3JO<b9aO>*84#usL2hdVgWg1Mlz%+VzEbpIs;EPW"
        "X0F9B_eZ#^a5}g`m%2P>yO#dQO6V7p&b_S_+5HM4)u7XJc@>@1v5ax*slNg1WZoT$H~3QVCA~V_Y>=-x1#g>Pd+msKd@{1GvMVP?OZdF024N"
        "?9Py)3_UltafY9>%~ZoLx4fX?WlltjvG-0)t?}3VB%1NJqD+giuQ)fw)c>%g*7SQ>HO(|o-efV6D?3umgH;2y=09+gH1nTCfyMl)QJMk_J>R"
        "YchFi=uVC03@0*tmspuw^B7(Dp8Gl>qq>B)q^@!njtWum_XZ+SadO}9)AH9;22SO*%SP7L578g-Hm(U}4WVsNEsn91M9!z_`R4ztBx2<9wDU"
        "=Z#~3;~&vCozy|RVIw^Hghpn{#FUWI<r&FunP8?V5?Bqfw75<0|eVF*mYAnhX`QXyhDnyi{0A<`-0!hurG$Zuzl%FB-XKfHkRmk7nRI(yuXl"
        "zI3&?|Sm(;6Qlj%iTn*DHjc-PrvP2U0NPdk>JX%Fjm`4h%5IIt2$gnQe4Gqz?mJKjn>$iM}Ya=Hz)xCKqw$A-AKbhtJt0>FrRu|``dbS>x)_"
        "Fda)v!F<<;_-)rjnHE-Kiqic|YSQEbre$q1C(FC`<M2J=fIv_FDj!@8E^c>eIGHrulX4vGsm^XENJ=*pp@R8+!B70>=K*`haP$h8-{uHQNHf"
        "7%A--oFLa9Tc{NFF~k(wj$y7WEr{?n^+Br$U<YktpDk!#j!X|ZR$?1MPI)pXbfn6%hg_R^=_l^3(uNbyP7UY8yVv~P*I(&K>8E}px#2VbQaG"
        "o_h|qo-bjZ@fA-AR>eBuW<;nR@M9{%6I=9`?V|L~0!asL1?&O&P"
    )
)
"""What `compress -b 10` makes of RUNS: as the table of codes gets useless, it is forgotten."""


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
    without = PACKED_RUNS[:2] + b"\x0a" + PACKED_RUNS[3:]  # flags that say that 256 is a code like any other
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
        (b"\x1f\x9d\x89a\x00", "has codes of 9 bits only, which `compress` itself cannot unpack"),
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
