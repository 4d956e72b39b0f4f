#include "kernels.h"
const char *hay_kernel_name(uint32_t kernel) { return kernel == 0 ? "embed" : ""; }
