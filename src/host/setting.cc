#include "host/setting.h"

#include "base/bytes.h"

namespace winback::host {
namespace {

std::string key_of(std::string_view name) {
    return "setting/" + std::string(name);
}

}  // namespace

Result<Value> read_setting(const store::Store& store, std::string_view name) {
    WINBACK_TRY(const std::optional<std::string> bytes,
                store.get(store::Family::Control, key_of(name)));
    if (!bytes.has_value()) {
        return Value{};
    }
    ByteReader in(*bytes);
    Value value = in.value();
    if (!in.finished()) {
        return Error{ErrorCode::Corrupt, "the setting '" + std::string(name) + "' cannot be read"};
    }
    return value;
}

Status write_setting(store::Store& store, std::string_view name, const Value& value) {
    std::string bytes;
    ByteWriter out(bytes);
    out.value(value);
    store::Batch batch(store);
    batch.put(store::Family::Control, key_of(name), bytes);
    return store.write(batch, true);
}

}  // namespace winback::host
