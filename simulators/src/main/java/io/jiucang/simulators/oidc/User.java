package io.jiucang.simulators.oidc;

import java.time.LocalDate;
import java.util.List;

/** A demo user. The username is also the token's {@code sub}; the password is public knowledge. */
public record User(String username, String password, String displayName, List<String> roles, LocalDate birthdate) {

    public User {
        roles = List.copyOf(roles);
    }
}
