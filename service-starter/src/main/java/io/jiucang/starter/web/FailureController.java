package io.jiucang.starter.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers for what fails before any controller is reached: in a filter, or in the servlet container. */
@RestController
final class FailureController implements ErrorController {

    private final Problems problems;

    FailureController(Problems problems) {
        this.problems = problems;
    }

    @RequestMapping("${server.error.path:/error}")
    ResponseEntity<ProblemDetail> answer(HttpServletRequest request, Locale locale) {
        return request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Exception failure
                ? problems.failed(failure, locale)
                : problems.refused(
                        HttpStatusCode.valueOf((int) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE)),
                        locale);
    }
}
