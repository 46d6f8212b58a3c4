#include "CKernels.h"
int kt_placeholder(void) { return 0; }
