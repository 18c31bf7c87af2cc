// Points of the curve Ed25519, as far as a key needs them: is it one, and not of small order? A key of small order verifies
// what nobody signed, and browsers differ in whether they refuse it.

const P = 2n ** 255n - 19n;
const mod = (number) => ((number % P) + P) % P;

function power(base, exponent) {
  let result = 1n;
  for (let factor = mod(base), left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * factor) % P;
    factor = (factor * factor) % P;
  }
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

/** x² out of y, as the quotient of two numbers; then its root, null where there is none. */
function rootFor(y) {
  const [u, v] = [mod(y * y - 1n), mod(D * y * y + 1n)];
  const x = mod(u * v ** 3n * power(u * v ** 7n, (P - 5n) / 8n));
  const squared = mod(v * x * x);
  if (squared === u) return x;
  return squared === mod(-u) ? mod(x * ROOT_OF_MINUS_ONE) : null;
}

/** Twice a point in projective coordinates. */
function double([x, y, z]) {
  const [a, b] = [x * x, y * y];
  const e = mod((x + y) * (x + y) - a - b);
  const g = mod(b - a);
  const f = mod(g - 2n * z * z);
  const h = mod(-a - b);
  return [mod(e * f), mod(g * h), mod(f * g)];
}

/** Whether 32 bytes are a point of the curve that is not of small order. */
export function isSoundPoint(bytes) {
  const number = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  // Which of the two roots it is does not matter: a point and its negative have the same order.
  const y = mod(number & ((1n << 255n) - 1n));
  const x = rootFor(y);
  if (x === null) return false;
  const [eightfold, height, depth] = double(double(double([x, y, 1n])));
  const isNeutral = eightfold === 0n && height === depth;
  return !isNeutral;
}
