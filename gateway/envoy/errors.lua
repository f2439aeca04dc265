-- Writes the envelope of an error. The renderer puts this file, and REPLIES, the gateway's own errors
-- with their statuses and messages (gateway/envoy/local_replies.py), before the other scripts.

-- Names longer than this are not quoted.
local NAME_CHARACTERS = 64

-- `message` and `details` are raw JSON.
local function envelope_of_error(code, message, details, id)
  return '{"success":false,"error":{"code":"' .. code .. '","message":' .. message
    .. ',"details":[' .. details .. '],"requestId":"' .. (id or "") .. '"}}'
end

-- Returns the detail that names a bad field or parameter, as raw JSON; none for a name that could not
-- be one. The name is the client's, so only printable ASCII is quoted.
local function bad_request(name, reason, description)
  if #name > NAME_CHARACTERS or not name:find("^[\32-\126]+$") then return "" end
  return '{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"'
    .. name:gsub('["\\]', "\\%0") .. '","description":"' .. description
    .. '","reason":"' .. reason .. '"}]}'
end

-- Responds with one of the gateway's own errors: `fault` has its `code`, its `message` if that is not
-- the usual one, and, as raw JSON, `details`.
local function refuse(handle, fault)
  local reply = REPLIES[fault.code]
  local id = handle:headers():get("x-request-id")
  handle:respond({ [":status"] = reply.status },
    envelope_of_error(fault.code, '"' .. (fault.message or reply.message) .. '"', fault.details or "", id))
end
