// Turns spec/errors.yaml into the X-macro table that base/error.h includes. Runs at build time.
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

static std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: generate_errors errors.yaml table.inc\n";
    return 2;
  }
  std::ofstream out(argv[2]);
  std::set<int> numbers;
  std::set<std::string> symbols;
  for (const auto& entry : YAML::LoadFile(argv[1])) {
    const int number = entry["code"].as<int>();
    const auto symbol = entry["symbol"].as<std::string>();
    if (!numbers.insert(number).second || !symbols.insert(symbol).second) {
      std::cerr << argv[1] << ": " << number << " " << symbol << " stands twice\n";
      return 1;
    }
    out << "BACKSTITCH_ERROR(" << number << ", " << symbol << ", " << quoted(entry["title"].as<std::string>()) << ", "
        << quoted(entry["hint"].as<std::string>("")) << ", " << entry["http"].as<int>(500) << ", " << entry["exit"].as<int>(70)
        << ", " << (entry["retryable"].as<bool>(false) ? "true" : "false") << ")\n";
  }
  return out.good() ? 0 : 1;
}
