#pragma once
// Where the tests' files are. In one place, so that no other object depends on where the project lies.

namespace oak::test {

extern const char* const shared_data_folder;  ///< real machines, photographs, vectors of others; may be missing
extern const char* const vectors_folder;      ///< the project's own vectors

}  // namespace oak::test
