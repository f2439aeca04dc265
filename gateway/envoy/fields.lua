-- Refuses a body that is no JSON, or that has a member which its message does not have. Envoy's
-- transcoder reads more than JSON (single quotes, trailing commas), and drops an unknown member
-- without a word; it has no option not to. A client that misspells an optional field would never
-- learn of it.
--
-- Refuses a query with a parameter that stands elsewhere. To the transcoder a query may set any
-- field, also one of the path, and has the last word: what the path names in a log, or in a rule of
-- somebody's in front of the gateway, would not be what the call is about; and passwords could be
-- sent in addresses.

local function refusal(text, known)
  local readable, found = pcall(members, text)
  if not readable then return "400" end
  for name in pairs(found) do
    -- Not an answer to a client: gateway/envoy/local_replies.py knows an unknown member by it.
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
