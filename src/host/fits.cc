#include "host/fits.h"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <vector>

#include "base/bytes.h"

namespace winback::host {
namespace {

constexpr std::string_view fits_begin = "fit/";
constexpr std::string_view fits_end = "fit0";  // '0' follows '/'.

std::string key_of(Timestamp at) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "fit/%020" PRId64, at.ms);
    return text.data();
}

}  // namespace

Status append_fit(store::Store& store, Timestamp at, ValueMap fit) {
    std::vector<std::string> keys;
    store::Cursor rows =
        store.scan(store::Family::Control, std::string(fits_begin), std::string(fits_end));
    for (; rows.valid(); rows.next()) {
        keys.emplace_back(rows.key());
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    fit.set("at", at);
    std::string bytes;
    ByteWriter out(bytes);
    out.value(Value(std::move(fit)));
    // Two fits of one moment, as tests and replays make them, get a key each.
    std::string key = key_of(at);
    while (!keys.empty() && key <= keys.back()) {
        at.ms += 1;
        key = key_of(at);
    }
    store::Batch batch(store);
    batch.put(store::Family::Control, key, bytes);
    for (std::size_t i = 0; i + fits_max <= keys.size(); ++i) {
        batch.erase(store::Family::Control, keys[i]);
    }
    return store.write(batch, true);
}

Result<ValueList> read_fits(const store::Store& store) {
    ValueList fits;
    store::Cursor rows =
        store.scan(store::Family::Control, std::string(fits_begin), std::string(fits_end));
    for (; rows.valid(); rows.next()) {
        ByteReader in(rows.value());
        Value fit = in.value();
        if (!in.finished() || fit.as_map() == nullptr) {
            return Error{ErrorCode::Corrupt, "the history of fits cannot be read"};
        }
        fits.push_back(std::move(fit));
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    return fits;
}

}  // namespace winback::host
