import Testing

@Suite("Errors")
struct ErrorTests {
    @Test("undefined values are not calculated with, called or looked into")
    func undefinedValues() {
        expectErrors([
            ("{{ zz + 1 }}", .undefined, "'zz' is undefined"),
            ("{{ d.zz.y }}", .undefined, "'dict object' has no attribute 'zz'"),
            ("{{ l[9].y }}", .undefined, "list object has no element 9"),
            ("{{ zz() }}", .undefined, "'zz' is undefined"),
            ("{{ d.zz() }}", .undefined, "'dict object' has no attribute 'zz'"),
            (
                "{{ (1 if false).x }}", .undefined,
                "the inline if-expression on line 1 evaluated to false and no else section was defined."
            ),
        ])
    }

    @Test("values of the wrong type are told apart")
    func types() {
        expectErrors([
            ("{{ 'a' + 1 }}", .type, "can only concatenate str (not \"int\") to str"),
            ("{{ 1 + 'a' }}", .type, "unsupported operand type(s) for +: 'int' and 'str'"),
            ("{{ [1] + 'a' }}", .type, "can only concatenate list (not \"str\") to list"),
            ("{{ 'a' < 1 }}", .type, "'<' not supported between instances of 'str' and 'int'"),
            ("{{ 1 in 5 }}", .type, "argument of type 'int' is not iterable"),
            ("{{ 1 in 'a' }}", .type, "'in <string>' requires string as left operand, not int"),
            ("{{ 5() }}", .type, "'int' object is not callable"),
            ("{% for i in 5 %}{% endfor %}", .type, "'int' object is not iterable"),
            ("{{ {[1]: 2} }}", .type, "unhashable type: 'list'"),
            ("{{ zz|tojson }}", .type, "Object of type Undefined is not JSON serializable"),
            ("{{ range(3)|tojson }}", .type, "Object of type range is not JSON serializable"),
            ("{{ l|map('upper')|length }}", .type, "object of type 'generator' has no len()"),
            ("{{ [1, 'a']|sort }}", .type, "'<' not supported between instances of 'str' and 'int'"),
            ("{% set d.a = 1 %}", .type, "cannot assign attribute on non-namespace object"),
            ("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", .type, "macro 'm' takes not more than 1 argument(s)"),
            ("{% macro m(a) %}{% endmacro %}{{ m(b=1) }}", .type, "macro 'm' takes no keyword argument 'b'"),
            (
                "{% for i in l %}{{ loop(l) }}{% endfor %}", .type,
                "The loop must have the 'recursive' marker to be called recursively."
            ),
            ("{{ '%d' % 'a' }}", .type, "%d format: a real number is required, not str"),
            ("{{ '%s' % (1, 2) }}", .type, "not all arguments converted during string formatting"),
        ])
    }

    @Test("values of the right type that cannot be used are named")
    func values() {
        expectErrors([
            ("{% set a, b = [1] %}", .value, "not enough values to unpack (expected 2, got 1)"),
            ("{% set a, b = [1, 2, 3] %}", .value, "too many values to unpack (expected 2)"),
            ("{{ 'abc'.index('z') }}", .value, "substring not found"),
            ("{{ '{:d}'.format('a') }}", .value, "Unknown format code 'd' for object of type 'str'"),
            ("{{ '%' % 1 }}", .value, "incomplete format"),
        ])
    }

    @Test("divisions by zero are errors")
    func arithmetic() {
        expectErrors([
            ("{{ 1 / 0 }}", .arithmetic, "division by zero"),
            ("{{ 1 % 0 }}", .arithmetic, "integer modulo by zero"),
        ])
    }

    @Test("raise_exception ends with its own words")
    func raised() {
        expectErrors([
            ("{{ raise_exception('No, ' ~ x ~ '!') }}", .raised, "No, 5!")
        ])
    }

    @Test("what would change or reveal more than data is withheld")
    func security() {
        expectErrors([
            ("{{ [].append(1) }}", .security, "access to attribute 'append' of 'list' object is unsafe."),
            ("{{ {}.pop('a') }}", .security, "access to attribute 'pop' of 'dict' object is unsafe."),
            ("{{ ''.__class__.__mro__ }}", .security, "access to attribute '__class__' of 'str' object is unsafe."),
            (
                "{% set ns = namespace(_a=1) %}", .security,
                "Chat templates cannot store underscore-prefixed attributes on a namespace, but got '_a'. Please rename the attribute."
            ),
        ])
    }

    @Test("what is not Jinja is refused")
    func syntax() {
        expectErrors([
            ("{{ x|nofilter }}", .syntax, "No filter named 'nofilter'."),
            ("{{ x is notest }}", .syntax, "No test named 'notest'."),
            ("{% if x %}{{ x|nofilter }}{% endif %}", .syntax, "No filter named 'nofilter'."),
            ("{% foo %}", .syntax, "Encountered unknown tag 'foo'."),
            (
                "{% if x %}", .syntax,
                "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'."
            ),
            (
                "{% for i in l %}{% endif %}", .syntax,
                "Encountered unknown tag 'endif'. Jinja was looking for the following tags: 'endfor' or 'else'. The innermost block that needs to be closed is 'for'."
            ),
            ("{{ x", .syntax, "unexpected end of template, expected 'end of print statement'."),
            ("{{ }}", .syntax, "Expected an expression, got 'end of print statement'"),
            ("{{ (x }}", .syntax, "unexpected '}', expected ')'"),
            ("{{ x) }}", .syntax, "unexpected ')'"),
            ("{{ [1, }}", .syntax, "unexpected '}', expected ']'"),
            ("{{ 'a }}", .syntax, "unexpected char \"'\" at 3"),
            ("{{ x y }}", .syntax, "expected token 'end of print statement', got 'y'"),
            ("{{ a ? b }}", .syntax, "unexpected char '?' at 5"),
            ("{{ f(a=1, 2) }}", .syntax, "invalid syntax for function call expression"),
            ("{{ 1 is odd is odd }}", .syntax, "You cannot chain multiple tests with is"),
            ("{# a", .syntax, "Missing end of comment tag"),
            ("{% raw %} a", .syntax, "Missing end of raw directive"),
            ("{% set true = 1 %}", .syntax, "can't assign to 'const'"),
            ("{% for loop in l %}{% endfor %}", .syntax, "Can't assign to special loop variable in for-loop target"),
            ("{% macro m(a=1, b) %}{% endmacro %}", .syntax, "non-default argument follows default argument"),
            ("{% call 5 %}{% endcall %}", .syntax, "expected call"),
            ("{{ x.5x }}", .syntax, "expected token 'end of print statement', got 'x'"),
        ])
    }
}
