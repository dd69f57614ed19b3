#pragma once
int ck_abi(void);
