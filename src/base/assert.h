// A programmer's error stops the process: going on would write what nobody decided.
#pragma once
#include <string_view>

namespace backstitch {
[[noreturn]] void assertion_failed(const char* file, int line, const char* expression, std::string_view why);
}

#define BS_ASSERT(condition, why) ((condition) ? void(0) : ::backstitch::assertion_failed(__FILE__, __LINE__, #condition, why))
