/** An identity provider with users given by whoever starts it: OpenID discovery, JWKS and tokens. Demo and tests only. */
@NullMarked
package io.jiucang.simulators.oidc;

import org.jspecify.annotations.NullMarked;
