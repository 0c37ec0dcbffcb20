/**
 * The Lua in which a call is executed once: for a command, for a script, or for a transaction of both. KEYS: the token's key, those of tokens to be forgotten, the call's own. ARGV: how
 * long the token is kept in milliseconds, the digest of the call ('' for a token that no other call can have), how many
 * tokens are to be forgotten, then what is to be done.
 *
 * The token's value is the digest; behind it, once the call was executed, one letter and the reply: `2` or `3` and the reply
 * packed, by the protocol in which the script left it, or `e` and the text of an error. The digest alone is a claim: it is
 * written before anything else, so that a server that would refuse to keep the reply (READONLY, OOM, MISCONF, NOREPLICAS,
 * NOPERM) has executed nothing.
 */
export type WrapperKind = 'command' | 'script' | 'batch'

/** First words of the wrapper's own errors; the caller is told in the library's words. */
export const OTHER_CALL = 'ONCEOTHER'
export const NO_REPLY = 'ONCENOREPLY'

/** `unpack` gives no more values than fit on Lua's C stack (LUAI_MAXCSTACK, 8000, in the server's deps/lua/src/luaconf.h). */
export const MOST_WORDS = 7_900

/** Doubles, which Lua's numbers are, hold every whole number below it. */
const EXACT_BELOW = String(2 ** 53)

// PEXPIRE asks whether this node may still be written to: a replica that knows the token must not answer for the new primary.
const KNOWN = `local kept = redis.pcall('GET', KEYS[1])
if type(kept) == 'table' then return kept end
if kept then
  local again = redis.pcall('PEXPIRE', KEYS[1], ARGV[1])
  if type(again) == 'table' and string.sub(again.err, 1, 8) == 'READONLY' then return again end
  local own = #ARGV[2]
  if string.sub(kept, 1, own) ~= ARGV[2] then return {err = '${OTHER_CALL} the token is known for another call'} end
  local kind, body = string.sub(kept, own + 1, own + 1), string.sub(kept, own + 2)
  if kind == '' then return {err = '${NO_REPLY} executed, and the reply could not be kept'} end
  if kind == 'e' then return {err = body} end
  if kind == '3' then redis.setresp(3) end
  return cmsgpack.unpack(body)
end
local claim = redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
if claim.err then return claim end
local forget = tonumber(ARGV[3])
if forget > 0 then redis.pcall('DEL', unpack(KEYS, 2, forget + 1)) end`

// A reply that Lua cannot hold is read again as text; see exactIntegers() for the other end.
const EXACT = `local function exact(reply, name, key, field)
  if type(reply) ~= 'number' or (reply < ${EXACT_BELOW} and reply > -${EXACT_BELOW}) then return reply end
  name = string.lower(name)
  local text
  if name == 'hincrby' then text = redis.pcall('HGET', key, field)
  elseif name == 'incr' or name == 'incrby' or name == 'decr' or name == 'decrby' then text = redis.pcall('GET', key)
  elseif name ~= 'bitfield' then return reply end
  return type(text) == 'string' and text or string.format('%.0f', reply)
end
local function execute(from, to)
  local reply = redis.pcall(unpack(ARGV, from, to))
  if type(reply) ~= 'table' then return exact(reply, ARGV[from], ARGV[from + 1], ARGV[from + 2]) end
  if string.lower(ARGV[from]) == 'bitfield' then
    for i = 1, #reply do reply[i] = exact(reply[i], 'bitfield') end
  end
  return reply
end`

/** ARGV from the fourth on: the words of one command. One that fails has done nothing, so its token is given back. */
const COMMAND = `${KNOWN}
${EXACT}
local reply = execute(4, #ARGV)
if type(reply) == 'table' and reply.err then
  redis.pcall('DEL', KEYS[1])
  return reply
end
redis.pcall('SET', KEYS[1], ARGV[2] .. '2' .. cmsgpack.pack(reply), 'PX', ARGV[1])
return reply`

// cmsgpack packs no deeper than 16 tables (LUACMSGPACK_MAX_NESTING); such a reply is not kept, the claim is.
const STEPS = `local function deep(value, left)
  if type(value) ~= 'table' then return false end
  if left == 0 then return true end
  for _, inner in pairs(value) do
    if deep(inner, left - 1) then return true end
  end
  return false
end
local function raised(problem, sha, above)
  if type(problem) ~= 'table' then return {err = 'ERR ' .. tostring(problem)} end
  if not (problem.source and problem.line) then return {err = problem.err} end
  local text = string.gsub(problem.err, '^ERR user_script:(%d+)', function(line) return 'ERR user_script:' .. (line - above) end)
  return {err = text .. ' script: ' .. sha .. ', on ' .. problem.source .. ':' .. (problem.line - above) .. '.'}
end
local function slice(from, count)
  local words = {}
  for i = 1, count do words[i] = ARGV[from + i - 1] end
  return words
end
local at = 4
local function step()
  local which, count = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  if which == 0 then
    at = at + 2 + count
    return execute(at - count, at - 1)
  end
  local others, sha, first = tonumber(ARGV[at + 2]), ARGV[at + 3], at + 4
  at = first + count + others
  local keys, words = slice(first, count), slice(first + count, others)
  local fine, value = xpcall(function() return scripts[which](keys, words, redis) end, rawget(_G, '__redis__err__handler') or tostring)
  if fine then return value end
  return raised(value, sha, above[which])
end`

// Its error is kept: a script may have written before it failed.
const ONE_SCRIPT = `local reply = step()
if type(reply) == 'table' and reply.err then
  redis.pcall('SET', KEYS[1], ARGV[2] .. 'e' .. reply.err, 'PX', ARGV[1])
elseif not deep(reply, 15) then
  redis.pcall('SET', KEYS[1], ARGV[2] .. resp() .. cmsgpack.pack(reply), 'PX', ARGV[1])
end
return reply`

const ALL_STEPS = `local replies = {}
while ARGV[at] do
  local reply = step()
  if type(reply) == 'table' and reply.err then reply = {err = reply.err} end
  if resp() == '3' then
    if type(reply) == 'boolean' then reply = reply and 1 or 0 end
    redis.setresp(2)
  end
  if reply == nil then reply = false end
  replies[#replies + 1] = reply
end
if not deep(replies, 15) then
  redis.pcall('SET', KEYS[1], ARGV[2] .. '2' .. cmsgpack.pack(replies), 'PX', ARGV[1])
end
return replies`

// No server tells which protocol a script has set.
const REMEMBERS_PROTOCOL = `local redis = (function(real)
  local own = {now = '2'}
  own.setresp = function(version) real.setresp(version) own.now = tostring(version) end
  return setmetatable(own, {__index = real})
end)(redis)
local function resp() return redis.now end`

const KEEPS_PROTOCOL = `local function resp() return '2' end`

const SHEBANG = /^#![^\n]*\n?/

/**
 * Executes scripts, one (`script`) or in turn with commands (`batch`). ARGV from the fourth on are steps: `0`, the number of
 * words, the words of a command; or the number of the source from 1, how many keys, how many arguments, the script's SHA1, then
 * both. Errors tell the lines of the source, not of the wrapper.
 */
export function wrapperText(kind: WrapperKind, sources: readonly string[]): string {
  if (kind === 'command') return COMMAND
  const setsProtocol = sources.some((source) => source.includes('setresp'))
  const parameters = setsProtocol ? 'KEYS, ARGV, redis, ...' : 'KEYS, ARGV, ...'
  const shebang = kind === 'script' ? (SHEBANG.exec(sources[0] ?? '')?.[0] ?? '') : ''
  const functions = sources.map((source, at) => {
    const body = shebang === '' ? source.replace(SHEBANG, '\n') : source.slice(shebang.length)
    return `local script${at + 1} = function(${parameters}) ${body}\nend`
  })
  return [
    shebang + (functions[0] ?? ''),
    ...functions.slice(1),
    `local scripts = {${sources.map((_, at) => `script${at + 1}`).join(', ')}}`,
    `local above = {${linesAbove(functions).join(', ')}}`,
    setsProtocol ? REMEMBERS_PROTOCOL : KEEPS_PROTOCOL,
    KNOWN,
    EXACT,
    STEPS,
    kind === 'script' ? ONE_SCRIPT : ALL_STEPS
  ].join('\n')
}

/** How many lines stand before the line on which each begins. */
function linesAbove(functions: readonly string[]): number[] {
  let lines = 0
  return functions.map((text) => {
    const above = lines
    lines += text.split('\n').length
    return above
  })
}
