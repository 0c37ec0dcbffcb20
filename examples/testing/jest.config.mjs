export default {
  rootDir: '../..',
  roots: ['<rootDir>/examples/testing', '<rootDir>/src'],
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  testMatch: ['<rootDir>/examples/testing/*.jest.ts'],
  transform: { '\\.ts$': ['ts-jest', { tsconfig: 'examples/testing/tsconfig.jest.json' }] },
  moduleNameMapper: {
    // In your project the package is installed, and these two are not needed.
    '^ioredis-sentinel/testkit$': '<rootDir>/src/testkit/index.ts',
    '^ioredis-sentinel$': '<rootDir>/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1'
  }
}
