// Two terminal descriptions for machines that have none: what ncurses takes from TERMINFO where it
// begins with `b64:` (terminfo(5)). Made by `tic -x` and `infocmp -Q2 -x` from
//
// crux-xterm|what every terminal of the xterm family obeys,
//   am, bce, mir, msgr, xenl, AX,
//   colors#0x100, cols#80, it#8, lines#24, pairs#0x10000,
//   bel=^G, blink=\E[5m, bold=\E[1m, cbt=\E[Z, civis=\E[?25l,
//   clear=\E[H\E[2J, cnorm=\E[?25h, cr=\r, csr=\E[%i%p1%d;%p2%dr,
//   cub=\E[%p1%dD, cub1=^H, cud=\E[%p1%dB, cud1=\n,
//   cuf=\E[%p1%dC, cuf1=\E[C, cup=\E[%i%p1%d;%p2%dH,
//   cuu=\E[%p1%dA, cuu1=\E[A, dch=\E[%p1%dP, dim=\E[2m,
//   dl=\E[%p1%dM, dl1=\E[M, ech=\E[%p1%dX, ed=\E[J, el=\E[K, el1=\E[1K,
//   home=\E[H, hpa=\E[%i%p1%dG, ich=\E[%p1%d@, il=\E[%p1%dL, il1=\E[L,
//   ind=\n, op=\E[39;49m, rc=\E8, rev=\E[7m, ri=\EM,
//   rmcup=\E[?1049l, rmul=\E[24m, sc=\E7,
//   setab=\E[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m,
//   setaf=\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m,
//   sgr0=\E[m, smcup=\E[?1049h, smul=\E[4m, vpa=\E[%i%p1%dd,
// crux-ansi|what every terminal of the VT100 family obeys,
//   am, msgr, xenl,
//   cols#80, it#8, lines#24,
//   bel=^G, bold=\E[1m, clear=\E[H\E[J, cr=\r, csr=\E[%i%p1%d;%p2%dr,
//   cub=\E[%p1%dD, cub1=^H, cud=\E[%p1%dB, cud1=\n,
//   cuf=\E[%p1%dC, cuf1=\E[C, cup=\E[%i%p1%d;%p2%dH,
//   cuu=\E[%p1%dA, cuu1=\E[A, ed=\E[J, el=\E[K, el1=\E[1K, home=\E[H,
//   ind=\n, rc=\E8, rev=\E[7m, ri=\EM, rmul=\E[m, sc=\E7, sgr0=\E[m,
//   smul=\E[4m,
#include "descriptions.h"

const char ct_xterm_description[] =
  "b64:HgI5AB0ADwBpAZQBY3J1eC14dGVybXx3aGF0IGV2ZXJ5IHRlcm1pbmFsIG9mIHRoZSB4dGVybSBmYW1pbHkgb2Jl"
  "eXMAAAEAAAEAAAAAAAAAAAEBAAAAAAAAAAAAAAAAAAFQAAAACAAAABgAAAD_________________________________"
  "____________________AAEAAAAAAQAAAAQABgAIAP__GQAhACUAKQD__zQARQBHAEsAUgD__1QAWwD__18A_____2MA"
  "________ZwBsAHEA__96AP_______38A__-EAIkA__-SAJYA________nwD_____________________pQD_________"
  "____________________________________________________________________________________________"
  "__________________________________-pALIAuwDEAP__zQDWAN8A___oAP_____________________________x"
  "APQA_wACAQQB________________________________________________________________________________"
  "____________________________________________________________________________________________"
  "____________________________________________________________________________________________"
  "____________________________________________________________________________________________"
  "____________BwH_______________________________________________________________________8MAf__"
  "____________________________________________________________________________________________"
  "____________________________________________________________________FQFUARtbWgAHAA0AG1slaSVw"
  "MSVkOyVwMiVkcgAbW0gbWzJKABtbSwAbW0oAG1slaSVwMSVkRwAbWyVpJXAxJWQ7JXAyJWRIAAoAG1tIABtbPzI1bAAI"
  "ABtbPzI1aAAbW0MAG1tBABtbTQAbWzVtABtbMW0AG1s_MTA0OWgAG1sybQAbWzdtABtbNG0AG1slcDElZFgAG1ttABtb"
  "PzEwNDlsABtbMjRtABtbTAAbWyVwMSVkUAAbWyVwMSVkTQAbWyVwMSVkQgAbWyVwMSVkQAAbWyVwMSVkTAAbWyVwMSVk"
  "RAAbWyVwMSVkQwAbWyVwMSVkQQAbOAAbWyVpJXAxJWRkABs3AAoAG00AG1sxSwAbWzM5OzQ5bQAbWyU_JXAxJXs4fSU8"
  "JXQzJXAxJWQlZSVwMSV7MTZ9JTwldDklcDElezh9JS0lZCVlMzg7NTslcDElZCU7bQAbWyU_JXAxJXs4fSU8JXQ0JXAx"
  "JWQlZSVwMSV7MTZ9JTwldDEwJXAxJXs4fSUtJWQlZTQ4OzU7JXAxJWQlO20AAQAAAAAAAQADAAEAAABBWAA=";

const char ct_ansi_description[] =
  "b64:GgE4AA8AAwAOAZAAY3J1eC1hbnNpfHdoYXQgZXZlcnkgdGVybWluYWwgb2YgdGhlIFZUMTAwIGZhbWlseSBvYmV5"
  "cwAAAQAAAQAAAAAAAAAAAAEAUAAIABgA__8AAAIABAD__xUAHAAgAP____8kADUANwD__zsA_____z0A__9BAP______"
  "____________RQD_______________9KAP__TwD_____VAD__________1gA________________________________"
  "____________________________________________________________________________________________"
  "_________________________________________1wA________ZQBuAP__dwD_____________________________"
  "gAD__4MAhgCIAP______________________________________________________________________________"
  "____________________________________________________________________________________________"
  "____________________________________________________________________________________________"
  "____________________________________________________________________________________________"
  "_____________4sABwANABtbJWklcDElZDslcDIlZHIAG1tIG1tKABtbSwAbW0oAG1slaSVwMSVkOyVwMiVkSAAKABtb"
  "SAAIABtbQwAbW0EAG1sxbQAbWzdtABtbNG0AG1ttABtbbQAbWyVwMSVkQgAbWyVwMSVkRAAbWyVwMSVkQwAbWyVwMSVk"
  "QQAbOAAbNwAKABtNABtbMUsA";
