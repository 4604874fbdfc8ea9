#include "customer/text_pool.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"
#include "customer/limits.h"

namespace winback::customer {
namespace {

constexpr std::uint32_t first_chunk_bytes = 256;

constexpr std::uint32_t prefix_bytes(std::size_t size) {
    return size < 0x80 ? 1 : size < 0x4000 ? 2 : 3;
}

}  // namespace

// A chunk is never moved, so early ones are small: most columns hold few texts.
void TextArena::make_room(std::uint32_t need) {
    WINBACK_CHECK(need < chunk_bytes);
    if (!chunks_.empty() && end_ + need <= chunks_.back().capacity) {
        return;
    }
    const std::uint32_t wanted = chunks_.empty() ? first_chunk_bytes : chunks_.back().capacity * 2;
    const std::uint32_t capacity = std::max(std::min(wanted, chunk_bytes), need + 1);
    WINBACK_CHECK(chunks_.size() < (std::size_t{1} << (32U - chunk_bits)));
    chunks_.push_back({std::make_unique<char[]>(capacity), capacity});
    allocated_ += capacity + sizeof(Chunk);
    end_ = chunks_.size() == 1 ? 1 : 0;  // Offset 0 of chunk 0 would be `no_text`.
}

TextRef TextArena::add(std::string_view text) {
    const std::uint32_t prefix = prefix_bytes(text.size());
    const std::uint32_t need = prefix + static_cast<std::uint32_t>(text.size());
    make_room(need);
    const auto ref = static_cast<TextRef>((chunks_.size() - 1) << chunk_bits) | end_;
    char* out = chunks_.back().bytes.get() + end_;
    auto length = static_cast<std::uint32_t>(text.size());
    for (std::uint32_t i = 0; i + 1 < prefix; ++i, length >>= 7U) {
        *out++ = static_cast<char>(length | 0x80U);
    }
    *out++ = static_cast<char>(length);
    if (!text.empty()) {
        std::memcpy(out, text.data(), text.size());
    }
    end_ += need;
    used_ += need;
    return ref;
}

std::string_view TextArena::at(TextRef ref) const {
    const Chunk& chunk = chunks_[ref >> chunk_bits];
    const char* in = chunk.bytes.get() + (ref & (chunk_bytes - 1));
    std::size_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(*in++);
        length |= std::size_t{byte & 0x7fU} << shift;
        if (byte < 0x80) {
            return {in, length};
        }
    }
}

void TextArena::wipe(TextRef ref) {
    const std::string_view text = at(ref);
    const auto offset =
        static_cast<std::size_t>(text.data() - chunks_[ref >> chunk_bits].bytes.get());
    std::memset(chunks_[ref >> chunk_bits].bytes.get() + offset, 0, text.size());
}

std::uint64_t TextPool::slot_of(std::string_view text) const {
    const std::uint64_t mask = slots_.size() - 1;
    std::uint64_t slot = hash64(text) & mask;
    while (slots_[slot] != no_text && arena_.at(slots_[slot]) != text) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

void TextPool::grow() {
    std::vector<TextRef> old(std::max<std::size_t>(16, slots_.size() * 2), no_text);
    old.swap(slots_);
    for (const TextRef ref : old) {
        if (ref != no_text) {
            slots_[slot_of(arena_.at(ref))] = ref;
        }
    }
}

TextRef TextPool::add(std::string_view text) {
    if (interned_ < interned_max && (interned_ + 1) * 2 > slots_.size()) {
        grow();
    }
    const std::uint64_t slot = slot_of(text);
    if (slots_[slot] != no_text) {
        return slots_[slot];
    }
    const TextRef ref = arena_.add(text);
    if (interned_ < interned_max) {
        slots_[slot] = ref;
        ++interned_;
    }
    return ref;
}

std::size_t TextPool::memory_bytes() const {
    return arena_.memory_bytes() + slots_.capacity() * sizeof(TextRef);
}

}  // namespace winback::customer
