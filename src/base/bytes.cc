#include "base/bytes.h"

#include <bit>
#include <cstring>

namespace winback {

static_assert(std::endian::native == std::endian::little);

void ByteWriter::u64(std::uint64_t value) {
    while (value >= 0x80) {
        u8(static_cast<std::uint8_t>(value | 0x80U));
        value >>= 7U;
    }
    u8(static_cast<std::uint8_t>(value));
}

void ByteWriter::i64(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    u64(bits << 1U ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void ByteWriter::f64(double value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    out_.append(raw, sizeof value);
}

void ByteWriter::hash(const Hash128& value) {
    append_big_endian(out_, value.high, 8);
    append_big_endian(out_, value.low, 8);
}

void ByteWriter::text(std::string_view value) {
    u64(value.size());
    out_ += value;
}

void ByteWriter::value(const Value& value) {  // NOLINT(misc-no-recursion): depth is bounded
    u8(static_cast<std::uint8_t>(value.type()));
    switch (value.type()) {
        case ValueType::Null:
            break;
        case ValueType::Bool:
            boolean(*value.as_bool());
            break;
        case ValueType::Int:
            i64(*value.as_int());
            break;
        case ValueType::Double:
            f64(*value.as_double());
            break;
        case ValueType::String:
            text(*value.as_string());
            break;
        case ValueType::Time:
            time(*value.as_time());
            break;
        case ValueType::Span:
            i64(value.as_span()->ms);
            break;
        case ValueType::List:
            u64(value.as_list()->size());
            for (const Value& item : *value.as_list()) {
                this->value(item);
            }
            break;
        case ValueType::Map:
            u64(value.as_map()->size());
            for (const Field& field : *value.as_map()) {
                text(field.first);
                this->value(field.second);
            }
            break;
    }
}

std::uint64_t ByteReader::long_u64(std::uint8_t first) {
    std::uint64_t value = first & 0x7fU;
    for (unsigned shift = 7; shift < 64; shift += 7) {
        const std::uint8_t byte = u8();
        value |= std::uint64_t{byte & 0x7fU} << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    ok_ = false;
    return 0;
}

double ByteReader::f64() {
    const std::string_view raw = take(sizeof(double));
    double value = 0;
    if (!raw.empty()) {
        std::memcpy(&value, raw.data(), sizeof value);
    }
    return value;
}

Hash128 ByteReader::hash() {
    const std::string_view raw = take(16);
    if (raw.empty()) {
        return {};
    }
    return {.high = read_big_endian(raw.substr(0, 8)), .low = read_big_endian(raw.substr(8, 8))};
}

std::size_t ByteReader::count() {
    const std::uint64_t n = u64();
    if (n > bytes_.size() - pos_) {
        ok_ = false;
        return 0;
    }
    return n;
}

Value ByteReader::value() {
    return value_at(0);
}

Value ByteReader::value_at(int depth) {  // NOLINT(misc-no-recursion): depth is bounded
    if (depth > value_depth_max) {
        ok_ = false;
        return {};
    }
    switch (u8()) {
        case 0:
            return {};
        case 1:
            return {boolean()};
        case 2:
            return {i64()};
        case 3:
            return {f64()};
        case 4:
            return {text()};
        case 5:
            return {time()};
        case 6:
            return {Duration{i64()}};
        case 7: {
            ValueList list(count());
            for (Value& item : list) {
                item = value_at(depth + 1);
            }
            return {std::move(list)};
        }
        case 8: {
            ValueMap map;
            for (std::size_t n = count(); n > 0 && ok_; --n) {
                std::string key(text());
                map.append(std::move(key), value_at(depth + 1));
            }
            return {std::move(map)};
        }
        default:
            ok_ = false;
            return {};
    }
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded
ValueView ByteReader::view_at(int depth) {
    const std::size_t begin = pos_;
    const std::uint8_t tag = u8();
    if (depth > value_depth_max || tag > static_cast<std::uint8_t>(ValueType::Map)) {
        ok_ = false;
        return {};
    }
    ValueView view{.type = static_cast<ValueType>(tag), .text = {}};
    switch (view.type) {
        case ValueType::Null:
            break;
        case ValueType::Bool:
            view.integer = boolean() ? 1 : 0;
            break;
        case ValueType::Int:
        case ValueType::Time:
        case ValueType::Span:
            view.integer = i64();
            break;
        case ValueType::Double:
            view.real = f64();
            break;
        case ValueType::String:
            view.text = text();
            break;
        case ValueType::List:
            for (std::size_t n = count(); n > 0 && ok_; --n) {
                view_at(depth + 1);
            }
            break;
        case ValueType::Map:
            for (std::size_t n = count(); n > 0 && ok_; --n) {
                text();
                view_at(depth + 1);
            }
            break;
    }
    if (view.type == ValueType::List || view.type == ValueType::Map) {
        view.text = bytes_.substr(begin, pos_ - begin);
    }
    return view;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
        out += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xffU);
    }
}

std::uint64_t read_big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) {
        value = value << 8U | static_cast<unsigned char>(c);
    }
    return value;
}

}  // namespace winback
