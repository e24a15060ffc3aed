#pragma once
// The pages of what root keys sign: trust, issuer certificates, their own bulletins.

#include "core/bulletin.h"
#include "core/document_type.h"
#include "core/page_words.h"
#include "core/trust.h"

namespace oak {

/// A trust says itself who signs it: a judge adds whether its roots are the ones that he knows.
Page trust_page(const Trust& trust, const Digest& document, const Standing& standing);
Page certificate_page(const IssuerCertificate& certificate, const Digest& document, const Standing& standing);
Page key_bulletin_page(const KeyBulletin& bulletin, const Digest& document, const Standing& standing);
/// The page of what roots are about to sign: nothing is verified. Errors: the payload's.
Result<std::string> root_document_page(DocumentType type, ByteView payload);

}  // namespace oak
