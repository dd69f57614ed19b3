#include "cterminal.h"
int ct_abi(void) { return 1; }
