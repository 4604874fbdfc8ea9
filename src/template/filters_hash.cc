// Filters that make a digest, in hexadecimal: to name a customer to others without saying who.
#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "template/filters.h"

namespace winback::liquid {
namespace {

struct Digest {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
};

Datum keep_hex(FilterInput& in, const Digest& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (unsigned int i = 0; i < digest.size; ++i) {
        in.buffer += digits[digest.bytes[i] >> 4U];
        in.buffer += digits[digest.bytes[i] & 15U];
    }
    return in.keep(in.buffer);
}

Datum digest_of(FilterInput& in, const EVP_MD* algorithm) {
    const std::string_view text = in.text();
    Digest digest;
    const int done =
        EVP_Digest(text.data(), text.size(), digest.bytes.data(), &digest.size, algorithm, nullptr);
    return done == 1 ? keep_hex(in, digest) : in.fail("this digest is not available");
}

// The argument is the key.
Datum keyed_digest_of(FilterInput& in, const EVP_MD* algorithm) {
    const std::string_view text = in.text();
    const std::string_view key = in.arg_text(0);
    Digest digest;
    const void* data = text.data();
    const auto* made = HMAC(algorithm, key.data(), static_cast<int>(key.size()),
                            static_cast<const unsigned char*>(data), text.size(),
                            digest.bytes.data(), &digest.size);
    return made != nullptr ? keep_hex(in, digest) : in.fail("this digest is not available");
}

Datum md5(FilterInput& in) {
    return digest_of(in, EVP_md5());
}

Datum sha1(FilterInput& in) {
    return digest_of(in, EVP_sha1());
}

Datum sha256(FilterInput& in) {
    return digest_of(in, EVP_sha256());
}

Datum sha512(FilterInput& in) {
    return digest_of(in, EVP_sha512());
}

Datum hmac_sha1(FilterInput& in) {
    return keyed_digest_of(in, EVP_sha1());
}

Datum hmac_sha256(FilterInput& in) {
    return keyed_digest_of(in, EVP_sha256());
}

Datum hmac_sha512(FilterInput& in) {
    return keyed_digest_of(in, EVP_sha512());
}

constexpr FilterSpec table[] = {
    {"hmac_sha1", hmac_sha1, 1, 1},
    {"hmac_sha256", hmac_sha256, 1, 1},
    {"hmac_sha512", hmac_sha512, 1, 1},
    {"md5", md5, 0, 0},
    {"sha1", sha1, 0, 0},
    {"sha256", sha256, 0, 0},
    {"sha512", sha512, 0, 0},
};

}  // namespace

std::span<const FilterSpec> hash_filters() {
    return table;
}

}  // namespace winback::liquid
