-- Whether a page's Content-Security-Policy lets it load a script of its own site, and send to it.
local M = {}

-- The sources of the first of these directives that is there; nil: nothing is said, so everything may be.
local function sources(directives, names)
  for _, name in ipairs(names) do
    if directives[name] then return directives[name] end
  end
end

local function directives_of(policy)
  local found = {}
  for directive in policy:gmatch('[^;]+') do
    local name, rest = directive:match('^%s*([%w-]+)(.*)$')
    name = name and name:lower()
    -- The first one of a name counts.
    if name and not found[name] then found[name] = ' ' .. rest .. ' ' end
  end
  return found
end

local function has(list, word)
  return list:lower():find('%s' .. word .. '%s') ~= nil
end

local function own_site(list)
  return has(list, "'self'") or has(list, '%*')
end

-- true: by its address; text: by this nonce; false: not at all.
local function script_by(directives)
  local list = sources(directives, { 'script-src-elem', 'script-src', 'default-src' })
  if not list then return true end
  -- With 'strict-dynamic' addresses say nothing.
  if own_site(list) and not has(list, "'strict%-dynamic'") then return true end
  return list:match("%s'[nN][oO][nN][cC][eE]%-([%w+/_=-]+)'%s") or false
end

local function lets(directives)
  local sandbox, sent_to = directives.sandbox, sources(directives, { 'connect-src', 'default-src' })
  if sandbox and not has(sandbox, 'allow%-scripts') then return false end
  if sent_to and not own_site(sent_to) then return false end
  return script_by(directives)
end

-- What the tag of a script needs to be let by all policies: true: nothing; text: this nonce; false: it is not let.
function M.lets(header)
  if not header then return true end
  if type(header) == 'table' then header = table.concat(header, ',') end
  local nonce
  for policy in header:gmatch('[^,]+') do
    local by = lets(directives_of(policy))
    if not by or type(by) == 'string' and nonce and nonce ~= by then return false end
    if type(by) == 'string' then nonce = by end
  end
  return nonce or true
end

return M
