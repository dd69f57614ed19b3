#include "ckernels.h"
int ck_abi(void) { return 1; }
