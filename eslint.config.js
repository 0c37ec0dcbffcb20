import tseslint from 'typescript-eslint'

/** A leading underscore says that a value is left out on purpose. */
const unusedVars = [
  'error',
  {
    argsIgnorePattern: '^_',
    varsIgnorePattern: '^_',
    destructuredArrayIgnorePattern: '^_',
    caughtErrorsIgnorePattern: '^_',
    ignoreRestSiblings: true
  }
]

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'dist-k8s/**',
      'node_modules/**',
      'coverage/**',
      'demo-report/**',
      '.matrix/**',
      'site/dist/**',
      'site/api/**',
      'site/.vitepress/cache/**'
    ]
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { ignoreVoid: true, allowForKnownSafeCalls: [{ from: 'package', name: 'test', package: 'node:test' }] }
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': unusedVars,
      '@typescript-eslint/require-await': 'off',
      'no-restricted-properties': [
        'error',
        {
          object: 'AbortSignal',
          property: 'any',
          message: 'In Node 20 it forgets a timeout that nobody else holds: see src/runtime/limit.ts.'
        }
      ]
    }
  },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.base],
    rules: {
      '@typescript-eslint/no-unused-vars': unusedVars,
      'no-const-assign': 'error',
      'no-dupe-keys': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-unreachable': 'error',
      'no-var': 'error',
      'prefer-const': 'error'
    }
  }
)
