#pragma once

#include <stdint.h>

/// `wcwidth` of <wchar.h>, which Swift's module of the C library leaves out: how many columns a
/// character takes in the thread's locale; -1 if it cannot be shown.
static inline int32_t cterminal_columns(uint32_t scalar) {
  extern int wcwidth(__WCHAR_TYPE__);
  return wcwidth((__WCHAR_TYPE__)scalar);
}
