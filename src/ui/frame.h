// The frame of a page: its language, and what it says of the workspace and of its reader.
#pragma once

#include <string>
#include <string_view>

#include "api/desk.h"
#include "http/request.h"
#include "ui/pages.h"

namespace winback::ui {

inline constexpr std::string_view language_cookie = "winback_language";

// Of a page for a signed-in browser.
Frame frame_of(api::Desk& desk, const http::Request& request);

// Of a page for anybody: sign-in, or what is not there.
Frame visitor_frame(const http::Request& request);

// `?lang=`, else the cookie (which sign-in sets to the profile's), else the profile, else what the
// browser accepts, else `fallback`, else English; one of `languages`.
std::string language_of(const http::Request& request,
                        std::string_view fallback,
                        std::string_view profile = "");
// The pages speak this language in this browser from here on.
void set_language(http::Response& response, std::string_view code);

// Lets a frame speak one of `languages`, as a country writes numbers and dates.
void speak(Frame& frame, const Language& language, std::string_view country);

// Of numbers, money and dates: "tr-TR", "ar-EG-u-nu-arab", "fa-IR-u-ca-gregory-nu-arabext". One
// page has digits of one kind: the language's, whatever the country. English without a country,
// or of one that has no English of its own, is day-first ("en-001"). `calendar` is a reader's;
// Persian is written in Jalali dates and all others in Gregorian ones when it is empty.
std::string locale_of(std::string_view language,
                      std::string_view country,
                      std::string_view calendar = "");

}  // namespace winback::ui
