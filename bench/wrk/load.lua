-- Sends one kind of request with random record ids and prints what wrk measured as one line of JSON.
--
-- Arguments after "--": seed, count, step, method, path, body. Each run of "#" in path and body becomes a random
-- multiple of step below count * step, with leading zeros: "u-########" is "u-00000042", for instance.

local pieces = {}

function init(args)
  math.randomseed(tonumber(args[1]))
  count, step = tonumber(args[2]), tonumber(args[3])
  local body = args[6]
  local text = wrk.format(args[4], args[5], wrk.headers, body)
  -- Formatted once and cut into pieces: what is left to do for each request is a few joins.
  for literal, hashes in text:gmatch("([^#]*)(#*)") do
    pieces[#pieces + 1] = { literal, #hashes > 0 and "%0" .. #hashes .. ".0f" }
  end
end

function request()
  local parts = {}
  for _, piece in ipairs(pieces) do
    parts[#parts + 1] = piece[1]
    if piece[2] then
      parts[#parts + 1] = string.format(piece[2], step * math.random(0, count - 1))
    end
  end
  return table.concat(parts)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "failed": %d, "median_microseconds": %f, "p99_microseconds": %f}\n',
    summary.requests,
    summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50),
    latency:percentile(99)
  ))
end
