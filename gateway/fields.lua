-- Refuses a body that is no JSON, or that has a member which its message does not have. Envoy's
-- transcoder reads more than JSON (single quotes, trailing commas), and drops an unknown member
-- without a word; it has no option not to. A client that misspells an optional field would never
-- learn of it.

local function refusal(text, known)
  local readable, found = pcall(members, text)
  if not readable then return "400" end
  for name in pairs(found) do
    -- Not an answer to a client: gateway/replies.py knows an unknown member by it.
    local listed = known:find("," .. name .. ",", 1, true) and not name:find(",", 1, true)
    if not listed then return "422" end
  end
end

function envoy_on_request(handle)
  local known = handle:metadata():get("known")
  local body = handle:body()
  if not body then return end
  local status = refusal(body:getBytes(0, body:length()), known)
  if status then handle:respond({[":status"] = status}, "") end
end
