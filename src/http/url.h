// Reads and writes the percent-encoded parts of URLs, query strings and forms.
//
// Strict where leniency would let two readers disagree: a broken percent sequence, a NUL or text
// that is not UTF-8 is a mistake, not something to guess at. Source: RFC 3986, and the WHATWG URL
// standard §5 for application/x-www-form-urlencoded.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/request.h"

namespace winback::http {

// More pairs in one query or form are refused.
constexpr std::size_t query_pairs_max = 512;

enum class Plus { IsPlus, IsSpace };
// Fails with InvalidArgument on a broken sequence, a NUL or malformed UTF-8.
Result<std::string> percent_decode(std::string_view text, Plus plus = Plus::IsPlus);

// "a=1&b=%20" with or without values; "+" is a space. Empty pairs ("&&") are passed over.
// Fails as percent_decode, and with LimitExceeded. Serves form bodies too.
Result<Pairs> parse_query(std::string_view text);

// Everything but letters, digits, '-', '.', '_', '~' becomes %XX.
std::string percent_encode(std::string_view text);
// "a=1&b=2", both sides encoded.
std::string format_query(const Pairs& pairs);

// Of a Cookie header: names and values as sent, quotes around a value removed. Pairs without
// '=' are passed over, as browsers' servers do (RFC 6265 §5.4 leaves it open).
Pairs parse_cookies(std::string_view header);

}  // namespace winback::http
