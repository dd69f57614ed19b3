#pragma once
int ct_abi(void);
