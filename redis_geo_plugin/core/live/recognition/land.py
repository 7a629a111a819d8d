"""Where land is, in cells of one degree: what tells the order of two numbers where the other order would
put all vehicles into the sea.

Made from the countries of Natural Earth (public domain, https://www.naturalearthdata.com, 1:10m): a cell
is land if any of it is. Nobody is taken to be south of 60 degrees south or north of 84 degrees north.
"""

from __future__ import annotations

import base64
import zlib
from functools import lru_cache

SOUTH, NORTH = -60, 84  # degrees of latitude of the rows
_CELLS = (  # bits, row by row from the south, each from 180 degrees west; compressed
    "c-pm@y^q{P6u_U?oAoAa;sqk*5T|&fAcZbhAQ351d?5u55-l`vG}H@7BvL*+D8)5VphZGT{)Ck2;!qHZNKk@6I)@aO0_l7@!"
    "udGIk2fElFYg|gf~mar&(AaOdu9PTBZn6l%l{V~u>Emy{sMy23LxSy1T!8^yx$qk;8W*Lf4*c4eYN%HzldS6e?{P)idgwC*!"
    "fb=g^RsR@2La#obnkDc9gLkx=+u)h~yN;`-c-3&dRxD#H8m~aJ3igSuCsPJ0yd^6_wUAZ6zj5_VVCnuH@GVzUsnVb+n;?9Yv"
    "=o)Dd*yfQy+4&lra}Jatzw$0~(<vf{ydg`uUzaEqRlUiLW}BWfd{1tXg=L4uivjhp~0#A*hdYq+pr8ufU8a429uRtPTiW$DA"
    "?j^t7+#!ND@;c*+ed&BM+Mg~sj!^`?^rQrrjGdmj|Yq-`h2IUONJvOrLvN>=mWe&AcBGi*6_+Vwj1uVe`4ngoi7tTm>HFn@?"
    "vJ3+g4g&5O_^4&>JopP9O$HF=7OcKaS5WuIt<q^NK|lIoGK65-fw?eNTZ$$}AMtWCIK2!;f`OmZmUA@RW~8a}I>a-j&z^v*#"
    ")9egLUah=!lq7)E_~f&%=#+N&npE4pF2*j->Z%rxDxQoRvDQOU#dt4OODqGCvP;o^GNz4NeMYT>;vP!x-hME=co}=O$Q4URJ"
    "|pg5QJHkCuLlTLseN5#!gfN$}#jTm;rOc>-gL$V5?pnQxY8L4nsJ(ito$>4fnuko3tL<S+j-vN-|AjD3&tHB62IY!lssF<L)"
    "%O;p$1;l0ujZvsUFgcHd0CTE|_|-2rBjqlCf0(nHUMw+~?R5!iASEOS~Y{7=Go|9+;->BE)QV%<8y{rlvvm&xty{GRAp!21R"
    "c8(c#?xgy$vu>;pei;e7y!a7?^`1jtJ_>v2$%~R$h(GKEw6Mj24%}l^z)G7Cv(Kx})PTSV>oCKIVse(@<!L{PUHX~{e72meq"
    "L|P@@{yP6e$Yj<6g>nUaekD^{q%3%RbG2MjQD7R?Vc0Gzt5L!IAuN_*T`=f}BR{N49pzGu{YAJ?z(z5F<;el&d0nmpSLu8aE"
    ";3jrcnk;K=1WaER4`ekU&F;)@Py!Z;1xf(t?-g2tYGyPTq=6Z>oY^9;8?-*>u?FH$&Iv_(O_l2>ioz@BH)MV_etLAMdLe3&w"
    "=xT5(YfPJn3#-@D9zyhAW<3U>)<=%0#V`=Q7wAQnNsU-xaXe!=EL+iD@h<c$aQOHN1`A9B&)`i5C1ft&v~7)lP%lE^5eB?6|"
    ")>h_Jdb6j^ae!P_)x>V8s$BL)_WdXL(GNClOG*Xd`BENcn_%e2@}tLiL*4gVzI0-LfgU_N1~E=bF(acL(TifKOK5^-f999uT"
    "r(ua#{c+Y{ky+shzM#(aD46@=xQ##Y2)S^85rf0qZ>1nrcVBST@tKa=*n&3;hou@Iwy7lZFmitz&<8W&C7uX2dQsaTUrMyD$"
    "mkumsD~~$k`X`UoseVz8=j}`NBHXcDqff6-rdGX|p47qvcSlLLw%WST%RIR0d(Lc<A`FdH6dc((U&40bdv3#Z<T<ESM3xBNt"
    "U?QpAGkI#H6F$Z&o+U9t5Z82*lPI6;bRNVuv=VB!;g0o8$Rc3g)<ADK)iu>Gg}+y)|i_UEjTIDiZksCP2+4F(bRZqDAIbw(|"
    "O&(e^&OnKw!ZK3C5eECbrYqE`y>2>xO^lW+t7qRdmpm+-OCPp4*bK34ZRtriVX`xEk*meLSwal0Rdu*4L0FTLvzh4vdZI`0-"
    ")3ZQHO5TiXNNF#b#vd|Y(l+it9w6;3aAVf23LF&()rD_;jXKdtd}U~kvt*RHEv)`9PZo;&MyYKG){f!_b$cHt{sxTO7bl$6e"
    "bD!Ya7;b(Bp`K*MmRb7}GS1Mk=Xn3Pd9a)+9@ZF%{r#&@mGvQj>PbEcMdPaeup*C=mt|-k_NgLmB9{<yU`LpGyRGKT|)}a&X"
    "2R&6Yal*k*ZR7)pbaR<!K3pvD!#tY8Z_4u%Jfr&mBID)99myXM>ReKj<hvkSi)q&?cpI6i2?$9ug)|qvtw{rpVNU7mod3+Yr"
    "bl2Bj6Gn}TyK-@i6`|yg0n_^%!08B2u>QF8rN{|u_~%0<8UAi>W_6xmst~X+tj8V^@io>PlROMyFTx#!>EqDt_<6v#W#-|9c"
    "?%t%=P|+mz5(YJvb-Fr~wH|$iPf)IhMGK({!>Mw&T4NJ{6mP`uZks8Pxt{K_1Wrc6p;_B-D9hTYM(55-&gc+iml+a|ZQnTPz"
    "^4D;!*hFNE{$)~}ULVtgQ?HEnCS_+-l9Rjxw@$!6h|wi+IwUGTZ#qg1HJIh+$yZeml17Dwv5b|m1a_|YoI&83F>x0ZapQd{A"
    "}-=fups<l`>M#0sy)qeM5oN=tXroBPHIDwE>nTI&z7&b5-S&JmR$oSQn5N961+DSt8O8f*ix;*=QS=H2LU;j7oFIop{-SIDH"
    "up@E"
)


def is_land(lon: float, lat: float) -> bool:
    """Return whether the cell of one degree around a place (EPSG:4326) holds any land."""
    row = int(lat // 1) - SOUTH
    if not (-180.0 <= lon < 180.0 and 0 <= row < NORTH - SOUTH):
        return False
    place = row * 360 + int(lon // 1) + 180
    return bool(_bits()[place >> 3] & 128 >> (place & 7))


@lru_cache(maxsize=1)
def _bits() -> bytes:
    return zlib.decompress(base64.b85decode(_CELLS))
