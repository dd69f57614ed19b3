// What of starting and ending other programs Swift cannot say itself.
//
// A command is not started by the process that needs it but by a keeper, a small process of its own.
// The keeper is the one its descendants fall to, also those that left their group or session, and it
// ends them all when the command has ended or when whoever wanted it goes, however that goes.
#pragma once
#include <stdint.h>

typedef struct {
  int32_t keeper;  // process number of the keeper
  int32_t input;   // what is written here the command reads; does not block
  int32_t output;  // what the command writes to standard output; does not block
  int32_t errors;  // what it writes to standard error; does not block
  int32_t status;  // readable once the command has ended: its wait status, an int32
  int32_t life;    // the command is ended when this is closed
} cp_command;

// Starts the keeper: this very program with `arguments`, which must lead it to cp_keep.
//
// It gets an environment and five pipes, and no other descriptor, no signal mask and no terminal.
// 0, or an errno.
int cp_start(char *const arguments[], char *const environment[], cp_command *command);

// The keeper's life: runs `arguments`, found in PATH, with its own environment in a process group of
// its own, and ends with everything that came of it.
_Noreturn void cp_keep(char *const arguments[]);

// Whether a wait status says that a program ended by itself; its code, or the signal that ended it.
int cp_has_exited(int32_t status);
int cp_code(int32_t status);
