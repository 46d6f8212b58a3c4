#ifndef EMULATED_TILES_H
#define EMULATED_TILES_H

/// The form of products that uses AMX, its tile registers emulated: what surrounds the instructions is
/// tested on processors that lack them. NULL where there is no AVX512-BF16 either.
const void *emulated_amx_form(void);

#endif
