// Terminal descriptions that need no database.
#pragma once

// The xterm family with 256 colours, named CT_XTERM; the VT100 family without, named CT_ANSI.
extern const char ct_xterm_description[];
extern const char ct_ansi_description[];
