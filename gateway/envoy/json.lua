-- Finds where the parts of a JSON text begin and end. Nothing is decoded into tables: the gateway
-- only needs to know which members there are, and to copy some unchanged. The renderer puts this file
-- before the other scripts. Raises if a text does not have the structure of JSON or is nested too
-- deeply; the content of strings and numbers is not checked.

-- A google.protobuf.Struct nests three messages for each level, and protobuf rejects a hundred.

local MAX_DEPTH = 32

local WORDS = { ["true"] = true, ["false"] = true, null = true }

-- Returns the position after the JSON string that begins at `i`.
local function after_string(text, i)
  if text:byte(i) ~= 34 then error("no string") end
  local at = i + 1
  while true do
    local found = text:find('["\\]', at)
    if not found then error("open string") end
    if text:byte(found) == 34 then return found + 1 end
    at = found + 2
  end
end

local function skip_space(text, i)
  return text:find("[^ \t\r\n]", i) or error("cut off")
end

local after_value

-- Walks the members of the object or the items of the array that begins at `i`, and returns the
-- position after it. `visit(key, from, to)` gets the bounds of each value.
local function walk(text, i, depth, visit)
  if depth > MAX_DEPTH then error("too deep") end
  local object = text:byte(i) == 123
  local close = object and 125 or 93
  i = skip_space(text, i + 1)
  if text:byte(i) == close then return i + 1 end
  while true do
    local key
    if object then
      local stop = after_string(text, i)
      key = text:sub(i + 1, stop - 2)
      i = skip_space(text, stop)
      if text:byte(i) ~= 58 then error("no colon") end
      i = skip_space(text, i + 1)
    end
    local stop = after_value(text, i, depth)
    if visit then visit(key, i, stop - 1) end
    i = skip_space(text, stop)
    local mark = text:byte(i)
    if mark == close then return i + 1 end
    if mark ~= 44 then error("no comma") end
    i = skip_space(text, i + 1)
  end
end

after_value = function(text, i, depth)
  local mark = text:byte(i)
  if mark == 34 then return after_string(text, i) end
  if mark == 123 or mark == 91 then return walk(text, i, depth + 1) end
  local word = text:match("^[%w%.%+%-]+", i)
  if not word or not (WORDS[word] or tonumber(word)) then error("no value") end
  return i + #word
end

-- Returns the members of the object `text` as raw JSON, by key.
local function members(text)
  local found = {}
  local from = skip_space(text, 1)
  if text:byte(from) ~= 123 then error("no object") end
  local stop = walk(text, from, 0, function(key, i, j)
    if found[key] then error("twice") end
    found[key] = text:sub(i, j)
  end)
  if text:find("[^ \t\r\n]", stop) then error("trailing text") end
  return found
end
