-- Rejects a body that is not JSON, or that has a member unknown to its message. Envoy's transcoder
-- accepts more than JSON (single quotes, trailing commas), drops an unknown member silently, and has
-- no option not to. A client that misspells an optional field would never notice.
--
-- Rejects a query with a parameter that belongs elsewhere. In the transcoder a query may set any field
-- and overrides the others, even one of the path. The path in a log, or in a rule of a proxy in front
-- of the gateway, would then not be what the call is about; and passwords could be sent in addresses.

local function refusal(text, known)
  local readable, found = pcall(members, text)
  if not readable then return "400" end
  for name in pairs(found) do
    -- Not the client's response: gateway/envoy/local_replies.py recognizes an unknown member by it.
    local listed = known:find("," .. name .. ",", 1, true) and not name:find(",", 1, true)
    if not listed then return "422" end
  end
end

local function in_order(path, allowed)
  local query = path:match("^[^?]*%?(.*)$")
  for parameter in (query or ""):gmatch("[^&]+") do
    local name = parameter:match("^[^=]*")
    if not allowed:find("," .. name .. ",", 1, true) then return false end
  end
  return true
end

function envoy_on_request(handle)
  local metadata = handle:metadata()
  if not in_order(handle:headers():get(":path"), metadata:get("query")) then
    return handle:respond({[":status"] = "400"}, "")
  end
  local known = metadata:get("known")
  local body = known and handle:body()
  if not body then return end
  local status = refusal(body:getBytes(0, body:length()), known)
  if status then handle:respond({[":status"] = status}, "") end
end
