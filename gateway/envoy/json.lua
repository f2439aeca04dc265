-- Reads JSON text strictly (RFC 8259), and says where the members of an object begin and end. Nothing
-- is decoded into tables: the gateway only needs to know which members there are, and to copy some
-- unchanged. Envoy's transcoder checks that text is UTF-8. The renderer puts this file before the
-- other scripts.
--
-- Raises one of the faults below. Most of the work is done by string.find, in C; a loop over bytes
-- would take several times as long.

local NOT_JSON = {}
-- The text has a number that a double cannot hold (RFC 8259, section 6), or exceeds its limits.
local NUMBER_NOT_EXACT, TOO_DEEP, TOO_MANY = {}, {}, {}

local byte, find, match, sub = string.byte, string.find, string.match, string.sub

-- Every integer of so many digits is exact in a double.
local EXACT_DIGITS = 15
-- No integer of more digits is less than infinity in a double.
local MOST_DIGITS = 309
-- The least number whose nearest double is infinity, 2^1024 - 2^970, has these digits.
local INFINITE = "179769313486231580793728971405303415079934132710037826936173778980444968292764"
  .. "750946649017977587207096330286416692887910946555547851940402630657488671505820"
  .. "681908902000708383676273854845817711531764475730270069855571366959622842914819"
  .. "860834936475292719074168444365510704342711559699508093042880177904174497792"
-- tonumber is the fastest for integers of up to about so many digits.
local FEW_DIGITS = 100
-- What may follow a backslash, except u.
local ESCAPED = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}
local WORDS = { [116] = "true", [102] = "false", [110] = "null" }

-- Returns the position after the escape whose backslash is at `i`.
local function after_escape(text, i)
  if ESCAPED[sub(text, i + 1, i + 1)] then return i + 2 end
  if not find(text, "^u%x%x%x%x", i + 1) then error(NOT_JSON) end
  if not find(text, "^[dD][89a-fA-F]", i + 2) then return i + 6 end
  -- A surrogate means a character only together with its other half.
  if not find(text, "^[dD][89abAB]%x%x\\u[dD][c-fC-F]%x%x", i + 2) then error(NOT_JSON) end
  return i + 12
end

-- Returns the position after the string whose quote is at `i`, and whether it has escapes.
local function after_string(text, i)
  local escapes = false
  i = i + 1
  while true do
    i = find(text, '[%z\1-\31"\\]', i) or error(NOT_JSON)
    local mark = byte(text, i)
    if mark == 34 then return i + 1, escapes end
    if mark ~= 92 then error(NOT_JSON) end
    i = after_escape(text, i)
    escapes = true
  end
end

local function utf8(code)
  local char, floor = string.char, math.floor
  if code < 0x80 then return char(code) end
  local tail = char(0x80 + code % 0x40)
  code = floor(code / 0x40)
  if code < 0x20 then return char(0xC0 + code) .. tail end
  tail = char(0x80 + code % 0x40) .. tail
  code = floor(code / 0x40)
  if code < 0x10 then return char(0xE0 + code) .. tail end
  return char(0xF0 + floor(code / 0x40), 0x80 + code % 0x40) .. tail
end

-- Returns the text that a string between its quotes stands for. Its escapes must be right.
local function unescaped(raw)
  local high
  return (raw:gsub("\\(.)(%x?%x?%x?%x?)", function(mark, rest)
    if mark ~= "u" then return ESCAPED[mark] .. rest end
    local unit = tonumber(rest, 16)
    if unit >= 0xD800 and unit < 0xDC00 then
      high = unit
      return ""
    end
    if unit < 0xDC00 or unit > 0xDFFF then return utf8(unit) end
    return utf8(0x10000 + (high - 0xD800) * 0x400 + unit - 0xDC00)
  end))
end

-- Multiplies an integer, in parts of 24 bits from the lowest on, and adds to it.
local function multiply(parts, factor, added)
  local floor = math.floor
  for i = 1, #parts do
    local value = parts[i] * factor + added
    added = floor(value / 0x1000000)
    parts[i] = value - added * 0x1000000
  end
  if added > 0 then parts[#parts + 1] = added end
end

-- Returns the double next to an integer, as tonumber does. That takes up to ten times as long for one of
-- 300 digits.
local function nearest(digits)
  if #digits <= FEW_DIGITS then return tonumber(digits) end
  local parts = { 0 }
  for i = 1, #digits, 7 do
    local some = sub(digits, i, i + 6)
    multiply(parts, 10 ^ #some, tonumber(some))
  end
  -- The upper 73 bits or more make the double. Of those below, it only counts whether there are any.
  local count = #parts
  local lower = parts[count - 2] * 0x1000000 + parts[count - 3]
  for i = 1, count - 4 do
    if parts[i] > 0 then
      lower = lower + 0.5
      break
    end
  end
  local upper = parts[count] * 0x1000000 + parts[count - 1]
  -- Both are exact, so only their sum is rounded.
  return (upper * 2 ^ 48 + lower) * 2 ^ (24 * (count - 4))
end

-- Whether a double holds the integer: the digits are its value, or the shortest that mean it, filled
-- up with zeros. The latter is what JavaScript writes.
local function is_exact(digits)
  if #digits > MOST_DIGITS then return false end
  local number = nearest(digits)
  if number == math.huge then return false end
  if string.format("%.0f", number) == digits then return true end
  -- The shortest have at most 17 digits.
  if find(digits, "[1-9]", 18) then return false end
  for precision = EXACT_DIGITS, 17 do
    local form = "%." .. precision - 1 .. "e"
    local first, rest, power = string.format(form, number):match("^(%d)%.(%d+)e%+(%d+)$")
    local filled = first .. rest .. ("0"):rep(power + 1 - precision)
    if filled == digits then return true end
    if nearest(filled) == number then return false end
  end
  return false
end

-- Whether the double next to a number with a fraction or an exponent is infinity. Its digits end at
-- `stop`, those before the point at `whole`. This is told from the text, as tonumber takes 65
-- microseconds for a number like 9e307, and a body may have 10,000.
local function is_infinite(text, first, whole, stop, last)
  -- The number is less than 10 to this power.
  local power = whole - first + 1
  if last > stop then
    local sign, digits = match(text, "^([+-]?)0*(%d*)", stop + 2)
    -- Nine digits say more than any text has digits before or after its point.
    local exponent = tonumber(sub(digits, 1, 9)) or 0
    power = power + (sign == "-" and -exponent or exponent)
  end
  if power < MOST_DIGITS then return false end
  local digits = sub(text, first, whole) .. sub(text, whole + 2, stop)
  local start = find(digits, "[1-9]")
  if not start then return false end
  power = power - start + 1
  if power ~= MOST_DIGITS then return power > MOST_DIGITS end
  return sub(digits, start) >= INFINITE
end

-- Returns the position after the number that begins at `i`.
local function after_number(text, i)
  local first = byte(text, i) == 45 and i + 1 or i
  local _, last = find(text, "^%d+", first)
  if not last or (byte(text, first) == 48 and last > first) then error(NOT_JSON) end
  local whole = last
  if byte(text, last + 1) == 46 then
    _, last = find(text, "^%d+", last + 2)
    if not last then error(NOT_JSON) end
  end
  local stop = last
  local mark = byte(text, last + 1)
  if mark == 101 or mark == 69 then
    _, last = find(text, "^[+-]?%d+", last + 2)
    if not last then error(NOT_JSON) end
  end
  if last == whole then
    local exact = last - first < EXACT_DIGITS or is_exact(sub(text, first, last))
    if not exact then error(NUMBER_NOT_EXACT) end
  elseif is_infinite(text, first, whole, stop, last) then
    error(NUMBER_NOT_EXACT)
  end
  return last + 1
end

-- Returns the first position from `i` on that is not a blank, and the byte there.
local function token(text, i)
  local mark = byte(text, i)
  if mark and mark > 32 then return i, mark end
  i = find(text, "[^ \t\r\n]", i) or error(NOT_JSON)
  return i, byte(text, i)
end

local after_value

-- Walks the members of the object whose brace is at `i`; returns the position after it. `enter(name)`
-- is called before the value of each, and `visit(name, from, to)` after it.
local function after_object(text, i, limits, enter, visit)
  local mark, stop, escapes
  local seen = {}
  i, mark = token(text, i + 1)
  if mark == 125 then return i + 1 end
  while true do
    if mark ~= 34 then error(NOT_JSON) end
    stop, escapes = after_string(text, i)
    local name = sub(text, i + 1, stop - 2)
    if escapes then name = unescaped(name) end
    if seen[name] then error(NOT_JSON) end
    seen[name] = true
    i, mark = token(text, stop)
    if mark ~= 58 then error(NOT_JSON) end
    i, mark = token(text, i + 1)
    if enter then enter(name) end
    stop = after_value(text, i, mark, limits)
    if visit then visit(name, i, stop - 1) end
    i, mark = token(text, stop)
    if mark == 125 then return i + 1 end
    if mark ~= 44 then error(NOT_JSON) end
    i, mark = token(text, i + 1)
  end
end

-- Walks the items of the list whose bracket is at `i`, like `after_object`.
local function after_list(text, i, limits, visit)
  local mark, stop
  i, mark = token(text, i + 1)
  if mark == 93 then return i + 1 end
  while true do
    stop = after_value(text, i, mark, limits)
    if visit then visit(i, stop - 1) end
    i, mark = token(text, stop)
    if mark == 93 then return i + 1 end
    if mark ~= 44 then error(NOT_JSON) end
    i, mark = token(text, i + 1)
  end
end

local function after_nested(text, i, mark, limits)
  if limits.levels == 0 then error(TOO_DEEP) end
  limits.levels = limits.levels - 1
  local stop = (mark == 123 and after_object or after_list)(text, i, limits)
  limits.levels = limits.levels + 1
  return stop
end

after_value = function(text, i, mark, limits)
  if limits.values == 0 then error(TOO_MANY) end
  limits.values = limits.values - 1
  if mark == 34 then return (after_string(text, i)) end
  if mark == 123 or mark == 91 then return after_nested(text, i, mark, limits) end
  local word = WORDS[mark]
  if not word then return after_number(text, i) end
  if sub(text, i, i + #word - 1) ~= word then error(NOT_JSON) end
  return i + #word
end

-- Reads an object and nothing else. `limits` says how many `levels` of objects and lists its values
-- may have and how many `values` there may be below it; what is left is counted down. For `enter` and
-- `visit` see `after_object`.
local function read_object(text, limits, enter, visit)
  local i, mark = token(text, 1)
  if mark ~= 123 then error(NOT_JSON) end
  i = after_object(text, i, limits, enter, visit)
  if find(text, "[^ \t\r\n]", i) then error(NOT_JSON) end
end
