// Texts of one column, back to back, each named by a 32-bit reference.
//
// The first few thousand different texts are interned: a column of countries costs four bytes a
// row. Later ones are appended as they come, so a column of order numbers costs its bytes and no
// table. Reference 0 is "no text". Texts are never moved; views live until `clear`.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace winback::customer {

// For absl maps by name: Debian's absl has a string_view of its own.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return hash64(text); }
};

using TextRef = std::uint32_t;
inline constexpr TextRef no_text = 0;

// Bytes that are only ever appended. A reference is chunk number and offset in the chunk.
class TextArena {
public:
    // Pre: text is shorter than a chunk (64 kB) less its length prefix.
    TextRef add(std::string_view text);
    std::string_view at(TextRef ref) const;
    void wipe(TextRef ref);  // Overwrites the bytes with zeros.
    std::size_t memory_bytes() const { return allocated_; }
    std::size_t text_bytes() const { return used_; }

private:
    static constexpr std::uint32_t chunk_bits = 16;
    static constexpr std::uint32_t chunk_bytes = 1U << chunk_bits;
    struct Chunk {
        std::unique_ptr<char[]> bytes;
        std::uint32_t capacity = 0;
    };
    void make_room(std::uint32_t need);

    std::vector<Chunk> chunks_;
    std::uint32_t end_ = 0;  // In the last chunk.
    std::size_t allocated_ = 0;
    std::size_t used_ = 0;
};

class TextPool {
public:
    TextPool() = default;
    TextPool(TextPool&&) noexcept = default;
    TextPool& operator=(TextPool&&) noexcept = default;

    TextRef add(std::string_view text);
    std::string_view at(TextRef ref) const { return ref == no_text ? "" : arena_.at(ref); }
    std::size_t memory_bytes() const;

private:
    std::uint64_t slot_of(std::string_view text) const;
    void grow();

    TextArena arena_;
    std::vector<TextRef> slots_;
    std::uint32_t interned_ = 0;
};

}  // namespace winback::customer
