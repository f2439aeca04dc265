-- Refuses a body that is not JSON, that has a member unknown to its message, or that could not come
-- back as it was sent. Envoy's transcoder accepts more than JSON (single quotes, wrong escapes), drops
-- an unknown member silently, and rounds integers. A client that misspells an optional field would
-- never notice.
--
-- Refuses a query with a parameter that belongs elsewhere. In the transcoder a query may set any field
-- and overrides the others, even one of the path. The path in a log, or in a rule of a proxy in front
-- of the gateway, would then not be what the call is about; and passwords could be sent in addresses.

-- How many values a body may have, and how deep, beside an object of the client (`object`): no
-- message of the contract needs more. The longest list is that of the domains of a policy, 100, and a
-- service says itself of a somewhat longer one what is wrong with it.
local FEW_VALUES, FEW_LEVELS = 200, 10

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
    if seen[field] then
      return malformed(bad_request(name, "REPEATED_PARAMETER", "Must be given once."))
    end
    seen[field] = true
  end
end

local function fault_of_type(headers)
  local kind = (headers:get("content-type") or ""):lower()
  local coding = headers:get("content-encoding") or "identity"
  local json = kind == "application/json" or kind:find("^application/json[ \t]*;")
  if not json or coding:lower() ~= "identity" then return { code = "UNSUPPORTED_MEDIA_TYPE" } end
end

-- Returns what is wrong with the member `name`, in which reading ended with `fault`.
local function fault_of_member(fault, name, known, object)
  if not listed(known, name) then
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

-- Returns what is wrong with a body, or nil. `object` is the member that holds an object of the client,
-- and its limits.
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
    elseif not listed(known, name) then
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

-- Removes all cookies but the one of the device, and that too where the method does not take it.
local function keep_device_cookie(headers, taken)
  local cookies = headers:get("cookie")
  if not cookies then return end
  headers:remove("cookie")
  local name = "__Host-coditect_device="
  local from = taken and (" " .. cookies):find("[ ;,]" .. name:gsub("%-", "%%-"))
  local value = from and cookies:sub(from + #name):match("^[%w_-]+")
  if value then headers:add("cookie", name .. value) end
end

-- Whether a body is a form.
local function is_form(headers)
  local kind = (headers:get("content-type") or ""):lower():match("^[^; \t]*")
  return kind == "application/x-www-form-urlencoded" or kind == "multipart/form-data"
end

function envoy_on_request(handle)
  local metadata = handle:metadata()
  keep_device_cookie(handle:headers(), metadata:get("device_cookie"))
  local known, object, form = metadata:get("known"), metadata:get("object"), metadata:get("form")
  local fault = fault_of_query(handle:headers():get(":path"), metadata:get("query"))
  if fault then return refuse(handle, fault) end
  -- Waits for the whole body. Objects taken from the handle before this are invalid afterwards.
  local body = handle:body()
  local headers = handle:headers()
  if body and form and is_form(headers) then
    -- It says nothing that the address does not say (RFC 8058, section 3.2). The transcoder takes JSON.
    body:setBytes("{}")
    headers:replace("content-type", "application/json")
  end
  if body and body:length() > 0 then
    fault = fault_of_type(headers) or fault_of_body(body:getBytes(0, body:length()), known, object)
    if fault then return refuse(handle, fault) end
  else
    -- It describes nothing, and the transcoder would pass on a call that claims to be gRPC.
    headers:remove("content-type")
  end
  headers:remove("content-encoding")
end
