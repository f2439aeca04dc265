-- Remembers for a moment which access token auth gave for a bearer token, so that a program that calls
-- often does not cost a question to auth each time (gateway/envoy/bearer_tokens.py). Each worker of Envoy
-- has its own memory. It is never written anywhere.
--
-- An access token from here is checked like any other, by the gateway and by the service: so this memory
-- gives no access that they refuse. A 401 drops it, because auth may have another one by now.

-- How long an answer of auth is good, from when auth was asked.
local KEPT_MS = 1000
-- How many answers a table holds. The two of them take about 2 MB.
local MOST = 1000
-- The longest credentials that are remembered. Those of a good token are shorter, unless there are
-- many spaces in them.
local LONGEST = 100

local NAME, AUTH = "recall", "envoy.filters.http.ext_authz"

-- By the credentials as the client spells them: when auth was asked, and what it gave. Nothing is given
-- in an entry that was dropped.
local young, old, count, since = {}, {}, 0, 0

local function find(credentials)
  return young[credentials] or old[credentials]
end

local function put(credentials, asked, given)
  if not young[credentials] then count = count + 1 end
  young[credentials] = { asked = asked, given = given }
end

-- Forgets what is over, or the older half of what is known.
local function make_room(now)
  if count >= MOST or now - since >= KEPT_MS or now < since then
    young, old, count, since = {}, young, 0, now
  end
end

-- Whether something from that time is good now. The clock may have been set back.
local function is_fresh(asked, now)
  return now >= asked and now - asked < KEPT_MS
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local credentials = headers:get("authorization")
  -- Of two headers in one call this is a list, which is no token.
  if #credentials > LONGEST or not credentials:find("^%a+ +cdt_[%w_]+$") then return end
  local now, known = handle:timestamp(), find(credentials)
  local notes = handle:streamInfo():dynamicMetadata()
  notes:set(NAME, "credentials", credentials)
  if known and known.given and is_fresh(known.asked, now) then
    headers:replace("authorization", known.given)
    -- Auth is not asked.
    notes:set(NAME, "known", true)
  else
    notes:set(NAME, "asked", now)
  end
end

function envoy_on_response(handle)
  local notes = handle:streamInfo():dynamicMetadata()
  local mine = notes:get(NAME)
  if not mine then return end
  local credentials, now = mine.credentials, handle:timestamp()
  local known = find(credentials)
  if handle:headers():get(":status") == "401" then
    -- Kept without a token: an earlier answer, of a call that is still on its way, must not come back.
    if known then put(credentials, now, nil) end
  elseif mine.asked and is_fresh(mine.asked, now) then
    local answer = notes:get(AUTH)
    local given = answer and answer.authorization
    make_room(now)
    if given and not (known and known.asked > mine.asked) then put(credentials, mine.asked, given) end
  end
end
