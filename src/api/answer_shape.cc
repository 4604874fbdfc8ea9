#include "api/answer_shape.h"

#include <algorithm>
#include <charconv>

#include <sodium.h>

#include "api/conventions.h"
#include "api/schema.h"
#include "base/bytes.h"
#include "base/diagnostic.h"
#include "base/excerpt.h"
#include "base/hash.h"
#include "base/strings.h"
#include "http/url.h"

namespace winback::api {
namespace {

using nlohmann::json;
using Tree = nlohmann::ordered_json;

constexpr std::size_t check_bytes = 8;
constexpr std::uint64_t cursor_seed = 0x77696e6261636b;

// The route and the filters that make a list what it is.
std::string list_of(const http::Request& request, std::string_view pattern) {
    std::string list(pattern);
    http::Pairs filters = request.query;
    std::sort(filters.begin(), filters.end());
    for (const auto& [name, value] : filters) {
        if (name != "after" && name != "limit" && name != "fields" && !value.empty()) {
            list += '\n' + name + '=' + value;
        }
    }
    return list;
}

std::string check_of(std::string_view list, std::string_view place) {
    std::string check;
    append_big_endian(check, hash64(place, hash64(list, cursor_seed)), check_bytes);
    return check;
}

std::string next_page(const http::Request& request, const std::string& cursor) {
    std::string address = request.target.substr(0, request.target.find('?'));
    char mark = '?';
    for (const auto& [name, value] : request.query) {
        if (name != "after") {
            address += mark + http::percent_encode(name) + '=' + http::percent_encode(value);
            mark = '&';
        }
    }
    return address + mark + "after=" + cursor;
}

void add_cursor(Tree& tree,
                http::Response& answer,
                const http::Request& request,
                std::string_view pattern) {
    const auto after = tree.find("after");
    if (after == tree.end()) {
        return;
    }
    if (!after->is_string()) {
        tree["next"] = nullptr;
        return;
    }
    const std::string cursor =
        make_cursor(list_of(request, pattern), after->get_ref<const std::string&>());
    const std::string next = next_page(request, cursor);
    tree["after"] = cursor;
    tree["next"] = next;
    answer.set("Link", "<" + next + ">; rel=\"next\"");
}

std::string name_of(const Tree& item, const std::string& member) {
    const auto name = item.find(member);
    return name == item.end() ? "" : name->is_string() ? name->get<std::string>() : name->dump();
}

// "3:lapsing": the third item was the last. By its name, and where it stood should it be gone.
std::size_t begin_of_page(const Tree& items, const std::string& cut, std::string_view place) {
    std::size_t position = 0;
    const auto read = std::from_chars(place.data(), place.data() + place.size(), position);
    const std::string_view name =
        place.substr(std::min(place.size(), static_cast<std::size_t>(read.ptr - place.data()) + 1));
    const auto found = std::find_if(items.begin(), items.end(),
                                    [&](const Tree& item) { return name_of(item, cut) == name; });
    return found == items.end() ? std::min(position, items.size())
                                : static_cast<std::size_t>(found - items.begin()) + 1;
}

void cut_list(Tree& tree, const http::Request& request, const Operation& operation) {
    const auto items = tree.find(operation.items);
    if (items == tree.end() || !items->is_array()) {
        return;
    }
    const std::string* after = request.query_value("after");
    const std::size_t begin =
        after == nullptr || after->empty() ? 0 : begin_of_page(*items, operation.cut, *after);
    std::size_t limit = cut_limit_max;
    if (const std::string* asked = request.query_value("limit")) {
        std::from_chars(asked->data(), asked->data() + asked->size(), limit);
    }
    const std::size_t end = std::min(items->size(), begin + limit);
    tree["after"] = nullptr;
    Tree& all = tree[operation.items];  // The one before may have moved.
    if (end < all.size()) {
        tree["after"] = std::to_string(end) + ":" + name_of(all[end - 1], operation.cut);
    }
    Tree page = Tree::array();
    for (std::size_t i = begin; i < end; ++i) {
        page.push_back(std::move(tree[operation.items][i]));
    }
    tree[operation.items] = std::move(page);
}

using Path = std::vector<std::string>;

// Keeps of `tree` what the paths name, in the order in which it stands there.
Tree chosen(const Tree& tree, const std::vector<Path>& paths, std::size_t depth) {
    if (tree.is_array()) {
        Tree list = Tree::array();
        for (const Tree& item : tree) {
            list.push_back(chosen(item, paths, depth));
        }
        return list;
    }
    if (!tree.is_object()) {
        return tree;
    }
    Tree out = Tree::object();
    for (const auto& [name, value] : tree.items()) {
        std::vector<Path> deeper;
        bool whole = false;
        for (const Path& path : paths) {
            if (path.size() > depth && path[depth] == name) {
                whole = whole || path.size() == depth + 1;
                deeper.push_back(path);
            }
        }
        if (whole) {
            out[name] = value;
        } else if (!deeper.empty()) {
            out[name] = chosen(value, deeper, depth + 1);
        }
    }
    return out;
}

// A text, a number, one of some values: whatever it is, nothing is inside of it.
bool is_plain(const json& schema) {
    const auto type = schema.find("type");
    if (type == schema.end()) {
        return schema.contains("enum") || schema.contains("const");
    }
    const auto holds = [](const json& one) { return one == "object" || one == "array"; };
    return type->is_array() ? std::none_of(type->begin(), type->end(), holds) : !holds(*type);
}

// What is wrong with a path; nothing when the schema has it or does not say.
std::optional<std::string> fault_of(const Path& path, const json& schema) {
    const json& document = Description::own().document();
    const json* at = &schema;
    for (const std::string& name : path) {
        const json* inner = &resolve(*at, document);
        if (inner->contains("items")) {
            inner = &resolve(inner->at("items"), document);
        }
        const Members members = members_of(*inner, document);
        if (members.named.empty() && !is_plain(*inner)) {
            return std::nullopt;
        }
        at = members.find(name);
        if (at == nullptr) {
            std::vector<std::string> names;
            for (const auto& [known, ignored] : members.named) {
                names.push_back(known);
            }
            const std::string_view near = nearest(name, names);
            return "there is no field '" + excerpt(name) + "'" +
                   (near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?");
        }
    }
    return std::nullopt;
}

const json* item_schema(const Operation& operation) {
    if (operation.answer == nullptr || operation.items.empty()) {
        return operation.answer;
    }
    return members_of(*operation.answer, Description::own().document()).find(operation.items);
}

// False when `fields` is wrong: then the answer says how.
bool choose_fields(Tree& tree,
                   http::Response& answer,
                   const std::string& text,
                   const Operation& operation) {
    std::vector<Path> paths;
    const json* schema = item_schema(operation);
    for (const std::string_view field : split(text, ',')) {
        Path path;
        for (const std::string_view name : split(trim(field), '.')) {
            path.emplace_back(name);
        }
        const auto fault = schema == nullptr ? std::nullopt : fault_of(path, *schema);
        if (fault || paths.size() >= fields_max) {
            answer = invalid_request("fields", fault.value_or("'fields' names at most 50 fields"));
            return false;
        }
        paths.push_back(std::move(path));
    }
    if (operation.items.empty()) {
        tree = chosen(tree, paths, 0);
    } else if (const auto items = tree.find(operation.items); items != tree.end()) {
        *items = chosen(*items, paths, 0);
    }
    return true;
}

// Without the moment of asking, which alone makes no new version.
std::string tag_of(std::string_view body) {
    constexpr std::string_view now = R"("now":")";
    std::string lasting;
    std::size_t from = 0;
    for (std::size_t at = body.find(now); at != std::string_view::npos;) {
        lasting += body.substr(from, at - from);
        from = std::min(body.find('"', at + now.size()), body.size() - 1) + 1;
        at = body.find(now, from);
    }
    lasting += body.substr(from);
    return "W/\"" + to_hex(hash128(lasting)) + "\"";
}

std::string_view bare(std::string_view tag) {
    tag = trim(tag);
    return tag.starts_with("W/") ? tag.substr(2) : tag;
}

void add_tag(http::Response& answer, const http::Request& request) {
    const std::string* own = http::find_field(answer.headers, "etag");
    const std::string tag = own != nullptr ? *own : tag_of(answer.body);
    answer.set("ETag", tag);
    const std::string* asked = request.header("if-none-match");
    if (asked == nullptr) {
        return;
    }
    for (const std::string_view one : split(*asked, ',')) {
        if (bare(one) == bare(tag) || trim(one) == "*") {
            answer.status = 304;
            answer.body.clear();
            std::erase_if(answer.headers, [](const auto& field) {
                return equals_ignoring_case(field.first, "content-type");
            });
            return;
        }
    }
}

}  // namespace

std::string make_cursor(std::string_view list, std::string_view place) {
    const std::string bytes = check_of(list, place) + std::string(place);
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), variant);
    out.pop_back();
    return out;
}

std::optional<std::string> read_cursor(std::string_view list, std::string_view cursor) {
    if (cursor.size() > cursor_bytes_max) {
        return std::nullopt;
    }
    std::string bytes(cursor.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                          cursor.data(), cursor.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        size < check_bytes) {
        return std::nullopt;
    }
    bytes.resize(size);
    std::string place = bytes.substr(check_bytes);
    return check_of(list, place) == bytes.substr(0, check_bytes) ? std::optional(std::move(place))
                                                                 : std::nullopt;
}

http::RequestPtr with_place(const http::Request& request, std::string_view pattern) {
    const auto copy = std::make_shared<http::Request>(request);
    const std::string list = list_of(request, pattern);
    for (auto& [name, value] : copy->query) {
        if (name != "after" || value.empty()) {
            continue;
        }
        std::optional<std::string> place = read_cursor(list, value);
        if (!place) {
            return nullptr;
        }
        value = *std::move(place);
    }
    return copy;
}

void shape_answer(http::Response& answer,
                  const http::Request& request,
                  std::string_view pattern,
                  const Operation* operation) {
    const std::string* type = http::find_field(answer.headers, "content-type");
    if (answer.stream != nullptr || type == nullptr || !type->starts_with("application/json")) {
        return;
    }
    const std::string* fields = request.query_value("fields");
    const bool pages = operation != nullptr && operation->pages;
    if (operation != nullptr && (fields != nullptr || pages)) {
        Tree tree = Tree::parse(answer.body, nullptr, false);
        if (tree.is_object()) {
            if (pages && !operation->cut.empty()) {
                cut_list(tree, request, *operation);
            }
            if (pages) {
                add_cursor(tree, answer, request, pattern);
            }
            if (fields != nullptr && !choose_fields(tree, answer, *fields, *operation)) {
                return;
            }
            answer.body = tree.dump(-1, ' ', false, Tree::error_handler_t::replace);
        }
    }
    add_tag(answer, request);
}

}  // namespace winback::api
