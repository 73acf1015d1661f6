#include "standins/org/soql.h"

#include <algorithm>
#include <cctype>

#include "standins/org/schema.h"

namespace backstitch::standin {
namespace {

struct Token {
  enum class Kind { word, text, symbol, end } kind = Kind::end;
  std::string text;
};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == ':' || c == '-' || c == '+';
}

/// Splits a query into words, quoted texts and symbols.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) { advance(); }
  const Token& now() const { return now_; }
  bool is(std::string_view word) const {
    return now_.kind != Token::Kind::text &&
           std::equal(word.begin(), word.end(), now_.text.begin(), now_.text.end(), [](char a, char b) {
             return std::toupper(static_cast<unsigned char>(a)) == std::toupper(static_cast<unsigned char>(b));
           });
  }
  bool take(std::string_view word) { return is(word) && (advance(), true); }
  std::string take_word() {
    std::string out = now_.kind == Token::Kind::word ? now_.text : "";
    if (!out.empty()) advance();
    return out;
  }
  void advance() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    now_ = {};
    if (at_ == text_.size()) return;
    if (text_[at_] == '\'') return take_text();
    if (is_word(text_[at_])) {
      now_.kind = Token::Kind::word;
      while (at_ < text_.size() && is_word(text_[at_])) now_.text += text_[at_++];
      return;
    }
    now_.kind = Token::Kind::symbol, now_.text = text_[at_++];
    const bool longer = at_ < text_.size() && text_[at_] == '=' && (now_.text == "<" || now_.text == ">" || now_.text == "!");
    if (longer) now_.text += text_[at_++];
  }

 private:
  void take_text() {
    for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      now_.text += text_[at_];
    }
    if (at_ < text_.size()) ++at_, now_.kind = Token::Kind::text;  // without its end it is none
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token now_;
};

tl::unexpected<ApiFault> malformed(const Tokens& tokens) {
  return refuse(400, "MALFORMED_QUERY", fmt::format("unexpected token: '{}'", tokens.now().text));
}

ApiResult<Literal> take_literal(Tokens& tokens) {
  Literal out{Literal::Kind::text, tokens.now().text};
  if (tokens.now().kind == Token::Kind::word) {
    const bool digit = std::isdigit(static_cast<unsigned char>(out.text[0])) || out.text[0] == '-';
    out.kind = !digit                                    ? Literal::Kind::word
               : out.text.find('T') != std::string::npos ? Literal::Kind::time
                                                         : Literal::Kind::number;
    if (!digit && !tokens.is("null") && !tokens.is("true") && !tokens.is("false")) return malformed(tokens);
  } else if (tokens.now().kind != Token::Kind::text) {
    return malformed(tokens);
  }
  tokens.advance();
  return out;
}

ApiResult<Condition> take_condition(Tokens& tokens) {
  Condition out{tokens.take_word(), tokens.now().text, {}};
  std::transform(out.op.begin(), out.op.end(), out.op.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const std::vector<std::string> known{"=", "!=", "<", "<=", ">", ">=", "LIKE", "IN"};
  if (out.field.empty() || std::find(known.begin(), known.end(), out.op) == known.end()) return malformed(tokens);
  tokens.advance();
  const bool list = out.op == "IN";
  if (list && !tokens.take("(")) return malformed(tokens);
  do {
    auto value = take_literal(tokens);
    if (!value) return tl::unexpected(value.error());
    out.values.push_back(std::move(*value));
  } while (list && tokens.take(","));
  if (list && !tokens.take(")")) return malformed(tokens);
  return out;
}

ApiResult<void> take_fields(Tokens& tokens, Soql& query) {
  if (tokens.is("COUNT")) {
    tokens.advance(), query.count = true;
    if (!tokens.take("(") || !tokens.take(")")) return malformed(tokens);
    return {};
  }
  do {
    query.fields.push_back(tokens.take_word());
    if (query.fields.back().empty()) return malformed(tokens);
  } while (tokens.take(","));
  return {};
}

ApiResult<void> take_order(Tokens& tokens, Soql& query) {
  if (!tokens.take("BY")) return malformed(tokens);
  do {
    SortKey key{tokens.take_word()};
    if (key.field.empty()) return malformed(tokens);
    if (tokens.take("DESC"))
      key.descending = true;
    else
      tokens.take("ASC");
    query.order.push_back(std::move(key));
  } while (tokens.take(","));
  return {};
}

ApiResult<void> check_names(const Soql& query) {
  const ObjectType* type = object_type(query.type);
  if (!type) return refuse(400, "INVALID_TYPE", fmt::format("sObject type '{}' is not supported.", query.type));
  std::vector<std::string> names = query.fields;
  for (const Condition& condition : query.where) names.push_back(condition.field);
  for (const SortKey& key : query.order) names.push_back(key.field);
  for (const std::string& name : names) {
    const bool parent = name.starts_with("Account.") && type->has_field("AccountId");
    if (parent ? !object_type("Account")->has_field(name.substr(8)) : !type->has_field(name))
      return refuse(400, "INVALID_FIELD", fmt::format("No such column '{}' on entity '{}'.", name, query.type));
  }
  return {};
}

}  // namespace

ApiResult<Soql> parse_soql(std::string_view text) {
  Tokens tokens(text);
  Soql query;
  if (!tokens.take("SELECT")) return malformed(tokens);
  if (auto taken = take_fields(tokens, query); !taken) return tl::unexpected(taken.error());
  if (!tokens.take("FROM") || (query.type = tokens.take_word()).empty()) return malformed(tokens);
  if (tokens.take("WHERE")) do {
      auto condition = take_condition(tokens);
      if (!condition) return tl::unexpected(condition.error());
      query.where.push_back(std::move(*condition));
    } while (tokens.take("AND"));
  if (tokens.take("ORDER"))
    if (auto taken = take_order(tokens, query); !taken) return tl::unexpected(taken.error());
  if (tokens.take("LIMIT")) {
    query.limit = static_cast<std::size_t>(std::strtoull(tokens.take_word().c_str(), nullptr, 10));
    if (query.limit == 0) return malformed(tokens);
  }
  if (tokens.now().kind != Token::Kind::end) return malformed(tokens);
  if (auto checked = check_names(query); !checked) return tl::unexpected(checked.error());
  return query;
}

}  // namespace backstitch::standin
