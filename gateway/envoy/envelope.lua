-- Puts every response of a service into the envelope. Envoy's own responses already have it
-- (gateway/envoy/local_replies.py). Where the route has no envelope ("bare", "oauth", "page"), a success
-- passes on with the status that the service sets; an error of "oauth" becomes that of its RFCs
-- (gateway/oauth_errors.py), and one of "page" a page, also if it is Envoy's own.
--
-- The success path is one concatenation. An error is a google.rpc.Status in the transcoder's JSON;
-- json.lua finds where its parts begin and end, and the parts are copied unchanged.

-- More than the parts of an error of our services have.
local STATUS_LEVELS, STATUS_VALUES = 32, 10000

-- Codes and messages for a status without google.rpc.ErrorInfo. It comes from a gRPC library, not
-- from our services' own code, and its text is not for clients.
local BY_GRPC = {
  -- From a service that stops; a client that cancelled a call reads no response. The call may have
  -- taken effect, so it is not a client error.
  ["1"] = {"UPSTREAM_UNAVAILABLE", "The service is not available at the moment."},
  ["3"] = {"MALFORMED_REQUEST", "The request cannot be read."},
  ["4"] = {"GATEWAY_TIMEOUT", "The service did not answer in time."},
  ["5"] = {"NOT_FOUND", "There is no such thing."},
  ["6"] = {"ALREADY_EXISTS", "It exists already."},
  ["7"] = {"FORBIDDEN", "This is not allowed."},
  -- From a service without memory or free slots; our own limits have a reason. See also `judge`.
  ["8"] = {"UPSTREAM_UNAVAILABLE", "The service is not available at the moment."},
  ["9"] = {"PRECONDITION_FAILED", "This is not possible at the moment."},
  ["10"] = {"CONFLICT", "Something else changed the same data; please try again."},
  ["11"] = {"OUT_OF_RANGE", "A value is out of range."},
  ["12"] = {"NOT_IMPLEMENTED", "The service does not know this call."},
  ["14"] = {"UPSTREAM_UNAVAILABLE", "The service is not available at the moment."},
  ["16"] = {"ACCESS_TOKEN_INVALID", "The access token is not valid."},
}
local BROKEN = {"INTERNAL", "Something went wrong on our side."}

-- Kinds of details that clients see. ErrorInfo is shown only if it has metadata: its reason is the
-- envelope's code already.
local SHOWN = {
  BadRequest = true, PreconditionFailure = true, QuotaFailure = true, RetryInfo = true,
  ResourceInfo = true, Help = true, LocalizedMessage = true,
}

-- Reasons whose HTTP status is more specific than that of their gRPC code.
local STATUS_OF = {
  IDEMPOTENCY_KEY_REUSED = "422", UPSTREAM_UNAVAILABLE = "503", BODY_TOO_LARGE = "413",
}

local BARE = { bare = true, oauth = true, page = true }
-- Responses that have no body (RFC 9110, section 6.4.1).
local EMPTY = { ["204"] = true, ["304"] = true }
local HTML = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

-- Whether a response is the gateway's own and has the envelope already; no other begins like this.
local function is_own(text)
  return text:find('^{"error":{"code":"') or text:find('^{"success":')
end

local function unquoted(raw)
  return raw and raw:match('^"(.*)"$')
end

local function status_limits()
  return { levels = STATUS_LEVELS, values = STATUS_VALUES }
end

-- Returns the members of the object `text` as raw JSON, by name.
local function members(text)
  local found = {}
  read_object(text, status_limits(), nil, function(name, from, to)
    found[name] = text:sub(from, to)
  end)
  return found
end

-- Sorts one detail into `status`: it becomes the code, the Retry-After, or a visible detail.
local function sort_detail(status, raw)
  local detail = members(raw)
  local kind = (unquoted(detail["@type"]) or ""):match("^type%.googleapis%.com/google%.rpc%.(%w+)$")
  if kind == "ErrorInfo" then
    status.reason = (unquoted(detail.reason) or ""):match("^[A-Z][A-Z0-9_]*$")
    if not (detail.metadata or "{}"):find('"') then return end
    status.scopes = detail.metadata:match('"scopes":%s*"([^"]*)"')
  elseif kind == "RetryInfo" then
    local delay = tonumber((unquoted(detail.retryDelay) or ""):match("^([%d%.]+)s$"))
    status.retry_after = delay and math.max(1, math.ceil(delay))
  elseif not SHOWN[kind] then
    return
  end
  status.details[#status.details + 1] = raw
end

-- Reads a google.rpc.Status; raises if the text is not one.
local function read_status(text)
  local outer = members(text)
  local status = { grpc = outer.code, message = outer.message, details = {} }
  if outer.details and outer.details:byte(1) == 91 then
    after_list(outer.details, 1, status_limits(), function(from, to)
      sort_detail(status, outer.details:sub(from, to))
    end)
  end
  return status
end

-- Returns code, message (raw JSON) and details (raw JSON) of an error from a service.
local function judge(status)
  local broken = status.grpc == "2" or status.grpc == "13" or status.grpc == "15"
  if status.reason and unquoted(status.message) and not broken then
    return status.reason, status.message, table.concat(status.details, ",")
  end
  local known = not broken and BY_GRPC[status.grpc] or BROKEN
  -- gRPC's words for a message over a service's limit. A repeat would fail, too.
  if status.grpc == "8" and (status.message or ""):find("larger than max", 1, true) then
    known = {"BODY_TOO_LARGE", REPLIES.BODY_TOO_LARGE.message}
  end
  return known[1], '"' .. known[2] .. '"', ""
end

local function set_body(headers, body, text, kind)
  body:setBytes(text)
  headers:replace("content-length", tostring(#text))
  headers:replace("content-type", kind or "application/json")
end

-- Returns the error of OAuth in place of one of ours: `message` and `details` are raw JSON.
local function oauth_error(code, message, details, http)
  local name = OAUTH_ERRORS[code]
  if not name then
    local busy = http == "429" or http == "503" or http == "504"
    name = busy and "temporarily_unavailable" or http >= "500" and "server_error" or "invalid_request"
  end
  local field = details:match('"field":"([%w_.]+)"')
  -- A description has neither quotes nor backslashes (RFC 6749, section 5.2).
  local text = unescaped(message:sub(2, -2)):gsub('["\\]', "'"):gsub("[^ -~]", "?")
  if field then text = text .. " (" .. field .. ")" end
  return '{"error":"' .. name .. '","error_description":"' .. text .. '"}'
end

-- Returns a page that says what is wrong, without anything that runs or is loaded.
local function error_page(message, id)
  local text = unescaped(message:sub(2, -2)):gsub('[&<>"]', HTML)
  return '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n'
    .. '<meta name="viewport" content="width=device-width">\n<title>Coditect</title>\n<p>'
    .. text .. "</p>\n<p><small>" .. (id or ""):gsub('[&<>"]', HTML) .. "</small></p>\n</html>\n"
end

-- Responds with an error, in the form that the route has.
local function set_error(headers, body, form, code, message, details)
  local http, id = headers:get(":status"), headers:get("x-request-id")
  if form == "oauth" then
    if code == "INVALID_CLIENT" then headers:replace("www-authenticate", 'Basic realm="coditect"') end
    set_body(headers, body, oauth_error(code, message, details, http))
  elseif form == "page" then
    headers:replace("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
    headers:replace("referrer-policy", "no-referrer")
    set_body(headers, body, error_page(message, id), "text/html; charset=utf-8")
  else
    set_body(headers, body, envelope_of_error(code, message, details, id))
  end
end

-- Responds only that something is broken behind the gateway.
local function answer_broken(headers, body)
  headers:replace(":status", "500")
  local message = '"' .. BROKEN[2] .. '"'
  set_body(headers, body, envelope_of_error(BROKEN[1], message, "", headers:get("x-request-id")))
end

-- Whether this is Envoy's own response to HEAD, from which Envoy has taken the body already.
local function without_body(headers, text)
  return text == "" and (headers:get("content-length") or "0") ~= "0"
end

-- Says what a client of OAuth can do about a token that is refused (RFC 6750, section 3; RFC 9728,
-- section 5.1). Envoy's own responses say so already.
local function challenge(headers, code, scopes)
  local missing = code == "SCOPE_MISSING"
  if not missing and not code:find("^ACCESS_TOKEN_") then return end
  local words = {}
  if missing then
    words[1] = 'error="insufficient_scope"'
    -- No program gets `login`.
    local wanted = (scopes or ""):gsub("%f[%w]login%f[^%w]", ""):match("^ *([%w:_ ]-) *$")
    if wanted and wanted ~= "" then words[2] = 'scope="' .. wanted .. '"' end
  elseif code ~= "ACCESS_TOKEN_MISSING" then
    words[1] = 'error="invalid_token"'
  end
  words[#words + 1] = RESOURCE_METADATA
  headers:replace("www-authenticate", "Bearer " .. table.concat(words, ", "))
end

-- Puts one of Envoy's own errors, which has the envelope, into the form of a route without one.
local function answer_own_error(headers, body, text, form)
  local code = text:match('"code":"([A-Z_]+)"')
  local message = text:match('"message":("[^"]*")')
  if not code or not message then return end
  set_error(headers, body, form, code, message, text)
end

local function answer_error(headers, body, text, http, form)
  if is_own(text) then
    if form == "oauth" or form == "page" then answer_own_error(headers, body, text, form) end
    return
  end
  if without_body(headers, text) then return end
  local readable, status = pcall(read_status, text)
  if not readable then
    -- No service of ours responds like this; the text is not passed on.
    status = { grpc = http == "503" and "14" or http == "504" and "4" or "13", details = {} }
  end
  local code, message, details = judge(status)
  local answer = code == BROKEN[1] and "500" or STATUS_OF[code] or http
  if answer ~= http then headers:replace(":status", answer) end
  if answer == "429" or answer == "503" or answer == "504" then
    headers:replace("retry-after", tostring(status.retry_after or 1))
  end
  challenge(headers, code, status.scopes)
  set_error(headers, body, form, code, message, details)
end

-- `unwrap` is how the text begins if one member of the message is the response body
-- (google.api.http's response_body, which Envoy's transcoder does not know). `http` is the status, and
-- `empty` that of an empty message: what was asked for is done later.
local function answer_success(headers, body, text, http, empty, unwrap)
  if headers:get("content-type") ~= "application/json" then return answer_broken(headers, body) end
  if text == "{}" then http = empty end
  if unwrap then
    if text:sub(1, #unwrap) ~= unwrap then return answer_broken(headers, body) end
    text = '{"success":true,"data":' .. text:sub(#unwrap + 1)
  else
    text = '{"success":true,"data":' .. text .. "}"
  end
  if http ~= "200" then headers:replace(":status", http) end
  body:setBytes(text)
  headers:replace("content-length", tostring(#text))
end

-- The gateway's own response to a gRPC caller is in gRPC: status 200, and the body in a header.
-- Converts that to a plain HTTP response.
local function answer_grpc_caller(handle, message)
  local text = message:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  local body = handle:body(true)
  local headers = handle:headers()
  local reply = REPLIES[text:match('"code":"([A-Z_]+)"') or ""]
  headers:replace(":status", reply and reply.status or text:find('"success":true') and "200" or "400")
  set_body(headers, body, text)
end

local function remove_grpc(headers)
  headers:remove("grpc-status")
  headers:remove("grpc-message")
end

-- Passes a response on unchanged, but removes gRPC's trailers, which HTTP/2 clients would see after a
-- download.
local function pass(handle)
  local trailers = handle:trailers()
  if trailers then remove_grpc(trailers) end
end

-- Passes on a success of a route without an envelope. `own` is the status that the service sets, and
-- `usual` that of others.
local function answer_bare(handle, headers, own, usual)
  local http = own and own:match("^[2-5]%d%d$") or usual
  if http ~= "200" then headers:replace(":status", http) end
  if headers:get("content-length") == "0" then headers:remove("content-type") end
  if not EMPTY[http] then return pass(handle) end
  local body = handle:body(true)
  body:setBytes("")
  headers = handle:headers()
  headers:remove("content-type")
  headers:remove("content-length")
end

-- Removes the client's scheme, with which Strict-Transport-Security begins, or the whole header if the
-- scheme is not https: see gateway/envoy/response_headers.py. Envoy's own responses have no scheme.
local function secure(headers)
  local draft = headers:get("strict-transport-security")
  if not draft then return end
  local value = draft:match("^https (max%-age=%d+)$")
  if value then
    headers:replace("strict-transport-security", value)
  elseif not draft:find("^max%-age=%d+$") then
    headers:remove("strict-transport-security")
  end
end

function envoy_on_response(handle)
  secure(handle:headers())
  local route = handle:metadata()
  local success, empty, unwrap = route:get("success"), route:get("empty"), route:get("unwrap")
  local headers = handle:headers()
  local message = headers:get("grpc-message")
  local to_grpc_caller = message and is_own(message)
  if to_grpc_caller then
    answer_grpc_caller(handle, message)
    headers = handle:headers()
  end
  remove_grpc(headers)
  if to_grpc_caller or not success then
    -- No response of a service: health, readiness, a refusal, a CORS preflight.
    return headers:remove("x-envoy-upstream-healthchecked-cluster")
  end
  local http = headers:get(":status")
  local own = headers:get("x-coditect-status")
  if own then headers:remove("x-coditect-status") end
  if http < "400" and BARE[success] then return answer_bare(handle, headers, own, empty) end
  -- Waits for the whole body. Objects taken from the handle before this are invalid afterwards.
  local body = handle:body(true)
  headers = handle:headers()
  local text = body:getBytes(0, body:length())
  if http >= "400" then
    headers:remove("grpc-status-details-bin")
    answer_error(headers, body, text, http, success)
  else
    answer_success(headers, body, text, success, empty, unwrap)
  end
end
