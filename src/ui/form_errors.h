// What a page says of a form that was refused, in its reader's language.
//
// Errors are written in English, for programs and logs. A page chooses its text by the form, the
// error's code and what its message is about; the English follows as a detail.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace winback::ui {

enum class FormKind { Workspace, Sending, Import, User, Key, Webhook, Template, List, Segment };

// {key, detail} for parts/wrong.liquid; the key is one of `wrong.`.
ValueMap form_error(FormKind form, const Error& error);

}  // namespace winback::ui
