-- Refuses a body that is not JSON, that has a member unknown to its message, or that could not come
-- back as it was sent. Envoy's transcoder accepts more than JSON (single quotes, wrong escapes), drops
-- an unknown member silently, and rounds integers. A client that misspells an optional field would
-- never notice. An endpoint of OAuth is the exception: its RFCs have it ignore what it does not know.
--
-- Refuses a query with a parameter that belongs elsewhere. In the transcoder a query may set any field
-- and overrides the others, even one of the path. The path in a log, or in a rule of a proxy in front
-- of the gateway, would then not be what the call is about; and passwords could be sent in addresses.

-- How many values a body may have, and how deep, beside an object of the client (`object`): no
-- message of the contract needs more. The longest list is that of the domains of a policy, 100, and a
-- service says itself of a somewhat longer one what is wrong with it.
local FEW_VALUES, FEW_LEVELS = 200, 10

local NO_FORM = "The body must be application/x-www-form-urlencoded, and not compressed."

-- Whether a name is in a list like ",a,b,".
local function listed(names, name)
  return name:find("^[%w_]+$") and names:find("," .. name .. ",", 1, true)
end

local function malformed(details)
  return { code = "MALFORMED_REQUEST", details = details }
end

local function invalid(name, reason, description)
  return { code = "INVALID_REQUEST", details = bad_request(name, reason, description) }
end

local function repeated(name)
  return malformed(bad_request(name, "REPEATED_PARAMETER", "Must be given once."))
end

-- Returns what is wrong with a query, or nil. A percent-encoded name is unknown, and both spellings of
-- a parameter are the same one.
local function fault_of_query(path, allowed)
  local mark = path:find("?", 1, true)
  if not mark then return end
  local seen = {}
  for parameter in path:sub(mark + 1):gmatch("[^&]+") do
    local name = parameter:match("^[^=]*")
    if not listed(allowed, name) then
      return malformed(bad_request(name, "UNKNOWN_PARAMETER", "The call does not have it."))
    end
    local field = name:gsub("_(%l)", string.upper)
    if seen[field] then return repeated(name) end
    seen[field] = true
  end
end

-- Returns the text that a part of a form or a query stands for.
local function decoded(text)
  return (text:gsub("%+", " "):gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

-- Returns the raw values of a form or a query by name, and the names in their order. Those that are
-- not in `known`, and empty ones, are left out (RFC 6749, section 3.1). Raises the fault of one that is
-- given twice, unless `several` has it.
local function parameters(text, known, several)
  local values, names, seen = {}, {}, {}
  for parameter in text:gmatch("[^&]+") do
    local raw, value = parameter:match("^([^=]*)=?(.*)$")
    local name = decoded(raw)
    if listed(known, name) then
      local more = listed(several, name)
      if seen[name] and not more then error(repeated(name)) end
      if not seen[name] then names[#names + 1], values[name] = name, {} end
      seen[name] = true
      if value ~= "" then table.insert(values[name], value) end
    end
  end
  return values, names
end

-- Returns the address of a call of OAuth with those parameters alone that the call has.
local function known_address(path, known, several)
  local mark = path:find("?", 1, true)
  if not mark then return path end
  local values, names = parameters(path:sub(mark + 1), known, several)
  local pairs = {}
  for _, name in ipairs(names) do
    for _, value in ipairs(values[name]) do pairs[#pairs + 1] = name .. "=" .. value end
  end
  return path:sub(1, mark - 1) .. (#pairs > 0 and "?" .. table.concat(pairs, "&") or "")
end

local function quoted(value)
  return '"' .. decoded(value):gsub('[%z\1-\31"\\]', function(char)
    return ("\\u%04x"):format(char:byte())
  end) .. '"'
end

-- Returns a form as JSON.
local function json_of_form(text, known, several)
  if text:gsub("%%%x%x", ""):find("%", 1, true) then error(malformed()) end
  local values, names = parameters(text, known, several)
  local members = {}
  for _, name in ipairs(names) do
    local given = values[name]
    for i, value in ipairs(given) do given[i] = quoted(value) end
    local list = table.concat(given, ",")
    if listed(several, name) then list = "[" .. list .. "]" end
    if #given > 0 then members[#members + 1] = '"' .. name .. '":' .. list end
  end
  return "{" .. table.concat(members, ",") .. "}"
end

-- Whether a body has the type, and is not compressed.
local function is_plain(headers, kind)
  local coding = headers:get("content-encoding") or "identity"
  local given = (headers:get("content-type") or ""):lower():match("^([^; \t]*)[ \t]*;?")
  return given == kind and coding:lower() == "identity"
end

-- Returns what is wrong with the member `name`, in which reading ended with `fault`.
local function fault_of_member(fault, name, known, object)
  if known and not listed(known, name) then
    return { code = "UNKNOWN_FIELD",
             details = bad_request(name, "UNKNOWN_FIELD", "The call does not have it.") }
  elseif fault == NUMBER_NOT_EXACT then
    return invalid(name, "NUMBER_NOT_EXACT", "Has a number that a double cannot hold.")
  elseif not object or name ~= object.name then
    return malformed()
  elseif fault == TOO_DEEP then
    return invalid(name, object.reason .. "_TOO_DEEP",
      ("Has more than %d objects and lists within each other."):format(object.levels))
  elseif fault == TOO_MANY then
    return invalid(name, object.reason .. "_TOO_LARGE",
      ("Has more than %d values."):format(object.values))
  end
  return invalid(name, object.reason .. "_TOO_LARGE",
    ("Is larger than %d bytes of JSON."):format(object.bytes))
end

-- Returns what is wrong with a body, or nil. `known` are its members, nil where it may have others.
-- `object` is the member that holds an object of the client, and its limits.
local function fault_of_body(text, known, object)
  local limits = { levels = FEW_LEVELS, values = FEW_VALUES }
  local current, bad
  local function enter(name)
    current = name
    if object and name == object.name then
      -- The object is not one of its own values.
      limits.levels, limits.values = object.levels, object.values + 1
    end
  end
  local function visit(name, from, to)
    if object and name == object.name then
      limits.levels, limits.values = FEW_LEVELS, FEW_VALUES
      if to - from >= object.bytes then bad = bad or name end
    elseif known and not listed(known, name) then
      bad = bad or name
    end
  end
  local readable, fault = pcall(read_object, text, limits, enter, visit)
  if readable then return bad and fault_of_member(nil, bad, known, object) end
  -- Anything but the three below is no JSON.
  if fault ~= NUMBER_NOT_EXACT and fault ~= TOO_DEEP and fault ~= TOO_MANY then
    return malformed()
  end
  return fault_of_member(fault, current, known, object)
end

-- Removes all cookies but those that the method takes: a list of their names, or nil. Only a semicolon
-- ends a cookie (RFC 6265, section 4.2.1): a value may have commas and blanks, and comes from any host of
-- the same site, so nothing behind them is a cookie.
local function keep_cookies(headers, names)
  local given = {}
  for i = 0, headers:getNumValues("cookie") - 1 do
    for cookie in headers:getAtIndex("cookie", i):gmatch("[^;]+") do
      -- The name begins where the blanks end: a pattern in which both match blanks takes quadratic time.
      local name, value = cookie:match("^ *([^= ][^=]*)=([%w_-]+) *$")
      if name and not given[name] then given[name] = value end
    end
  end
  headers:remove("cookie")
  local kept = {}
  for name in (names or ""):gmatch("[^,]+") do
    if given[name] then kept[#kept + 1] = name .. "=" .. given[name] end
  end
  if #kept > 0 then headers:add("cookie", table.concat(kept, "; ")) end
end

-- Whether a body is a form.
local function is_form(headers)
  local kind = (headers:get("content-type") or ""):lower():match("^[^; \t]*")
  return kind == "application/x-www-form-urlencoded" or kind == "multipart/form-data"
end

-- Takes what an endpoint of OAuth knows from its address and, unless that is JSON, its body. Returns
-- what is wrong with it, or nil.
local function take_parameters(headers, body, metadata)
  local several = metadata:get("several")
  local path = headers:get(":path")
  local fine, result = pcall(known_address, path, metadata:get("query"), several)
  if not fine then return result end
  if result ~= path then headers:replace(":path", result) end
  if not body or body:length() == 0 or metadata:get("form") == "json" then return end
  if not is_plain(headers, "application/x-www-form-urlencoded") then
    return { code = "UNSUPPORTED_MEDIA_TYPE", message = NO_FORM }
  end
  local text = body:getBytes(0, body:length())
  fine, result = pcall(json_of_form, text, metadata:get("known"), several)
  if not fine then return result end
  body:setBytes(result)
  headers:replace("content-type", "application/json")
end

function envoy_on_request(handle)
  local metadata = handle:metadata()
  keep_cookies(handle:headers(), metadata:get("cookies"))
  local known, object, form = metadata:get("known"), metadata:get("object"), metadata:get("form")
  local oauth = form == "oauth" or form == "json"
  local fault = not oauth
    and fault_of_query(handle:headers():get(":path"), metadata:get("query"))
  if fault then return refuse(handle, fault) end
  -- Waits for the whole body. Objects taken from the handle before this are invalid afterwards.
  local body = handle:body()
  local headers = handle:headers()
  if oauth then
    fault = take_parameters(headers, body, handle:metadata())
    if fault then return refuse(handle, fault) end
  elseif body and form and is_form(headers) then
    -- It says nothing that the address does not say (RFC 8058, section 3.2). The transcoder takes JSON.
    body:setBytes("{}")
    headers:replace("content-type", "application/json")
  end
  if body and body:length() > 0 then
    if not is_plain(headers, "application/json") then
      return refuse(handle, { code = "UNSUPPORTED_MEDIA_TYPE" })
    end
    if form == "json" then known = nil end
    fault = fault_of_body(body:getBytes(0, body:length()), known, object)
    if fault then return refuse(handle, fault) end
  else
    -- It describes nothing, and the transcoder would pass on a call that claims to be gRPC.
    headers:remove("content-type")
  end
  headers:remove("content-encoding")
end
