#include "tests/unit/folders.h"

namespace oak::test {

const char* const shared_data_folder = OAK_SHARED_DATA;
const char* const vectors_folder = OAK_VECTORS;

}  // namespace oak::test
