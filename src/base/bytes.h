// Reading and writing the binary form of rows and log records.
//
// Numbers are LEB128 varints (signed ones zigzag), doubles and hashes little-endian, strings
// length-prefixed. A ByteReader never reads past its end: after the first mistake it is !ok()
// and returns zeros, so a decoder checks once at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/value.h"

namespace winback {

class ByteWriter {
public:
    explicit ByteWriter(std::string& out) : out_(out) {}
    void u8(std::uint8_t value) { out_ += static_cast<char>(value); }
    void u64(std::uint64_t value);  // varint
    void i64(std::int64_t value);   // zigzag varint
    void f64(double value);
    void boolean(bool value) { u8(value ? 1 : 0); }
    void time(Timestamp value) { i64(value.ms); }
    void hash(const Hash128& value);
    void text(std::string_view value);
    void value(const Value& value);

private:
    std::string& out_;
};

// A value read where it lies. Of lists and maps only the type is told.
struct ValueView {
    ValueType type = ValueType::Null;
    std::int64_t integer = 0;  // Bool, Int; Time and Span in milliseconds.
    double real = 0;
    std::string_view text;  // List and Map: the whole value as it is encoded.
};

class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
    bool ok() const { return ok_; }
    bool at_end() const { return pos_ == bytes_.size(); }
    // True when everything was read and nothing was wrong.
    bool finished() const { return ok_ && at_end(); }
    void fail() { ok_ = false; }

    std::uint8_t u8() {
        if (!ok_ || pos_ == bytes_.size()) {
            ok_ = false;
            return 0;
        }
        return static_cast<std::uint8_t>(bytes_[pos_++]);
    }
    std::uint64_t u64() {
        const std::uint8_t first = u8();
        return first < 0x80 ? first : long_u64(first);
    }
    std::int64_t i64() {
        const std::uint64_t bits = u64();
        return static_cast<std::int64_t>(bits >> 1U ^ ((bits & 1U) != 0 ? ~std::uint64_t{0} : 0));
    }
    double f64();
    bool boolean() { return u8() != 0; }
    Timestamp time() { return {i64()}; }
    Hash128 hash();
    std::string_view text() { return take(u64()); }  // Views the input.
    Value value();
    // Passes over the value; fails on what `value` fails on. Views the input.
    ValueView value_view() { return view_at(0); }
    // A count of items that follow, each of at least one byte; a larger one is a mistake.
    std::size_t count();

private:
    std::string_view take(std::size_t size) {
        if (!ok_ || bytes_.size() - pos_ < size) {
            ok_ = false;
            return {};
        }
        const std::string_view part(bytes_.data() + pos_, size);
        pos_ += size;
        return part;
    }
    std::uint64_t long_u64(std::uint8_t first);
    Value value_at(int depth);
    ValueView view_at(int depth);

    std::string_view bytes_;
    std::size_t pos_ = 0;
    bool ok_ = true;
};

// Deeper values fail to decode; event/limits.h refuses them at the border long before.
constexpr int value_depth_max = 64;

// Big-endian, so that the order of keys in the store is the order of numbers.
void append_big_endian(std::string& out, std::uint64_t value, int bytes);
std::uint64_t read_big_endian(std::string_view bytes);

}  // namespace winback
