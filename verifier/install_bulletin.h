#pragma once
// The part of `install` that takes in bulletins.

#include "verifier/install.h"
#include "verifier/store.h"

namespace oak {

/// An issuer's, about its own activations of one product.
Outcome<Installed> install_bulletin(const Machine& machine, Store& store, const TrustSource& source, const std::string& name,
                                    ByteView document);
/// The roots', about keys: for each product on this machine whose trust they are.
Outcome<Installed> install_key_bulletin(const Machine& machine, Store& store, const TrustSource& source, const std::string& name,
                                        ByteView document);

/// The marks of a product, fresh where it has nothing stored yet; damaged_state where activations lie beside none.
Outcome<Marks> marks_to_change(const Store& store, const StoredDocuments& stored, std::string_view product);

}  // namespace oak
