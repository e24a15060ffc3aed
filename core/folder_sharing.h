#pragma once
// Folders whose files a group may write. Part of the disk: core/disk.cpp.

#include <string>

#include "core/error.h"

namespace oak {

/// Gives a folder to the group `oak`, where there is one, and mode 02770, so that what is made in it is the group's too; else leaves 0700.
/// The errors of Disk.
Status share_folder_with_oak_group(const std::string& folder);

}  // namespace oak
