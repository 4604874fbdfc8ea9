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

class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
    bool ok() const { return ok_; }
    bool at_end() const { return pos_ == bytes_.size(); }
    // True when everything was read and nothing was wrong.
    bool finished() const { return ok_ && at_end(); }
    void fail() { ok_ = false; }

    std::uint8_t u8();
    std::uint64_t u64();
    std::int64_t i64();
    double f64();
    bool boolean() { return u8() != 0; }
    Timestamp time() { return {i64()}; }
    Hash128 hash();
    std::string_view text();  // Views the input.
    Value value();
    // A count of items that follow, each of at least one byte; a larger one is a mistake.
    std::size_t count();

private:
    std::string_view take(std::size_t size);
    Value value_at(int depth);

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
