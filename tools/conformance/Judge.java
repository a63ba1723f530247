// Judges PDFs: `java Judge.java ROOT.der FILE.pdf...`, a line for each finding, tabs between parts.
// veraPDF says whether a file is PDF/A-3a and PDF/UA-1; DSS says what its seal is and is worth.

import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Judge {
  public static void main(String[] told) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    var trusted = new CommonTrustedCertificateSource();
    trusted.addCertificate(DSSUtils.loadCertificate(new File(told[0])));
    for (int at = 1; at < told.length; at++) {
      form(told[at], "3a");
      form(told[at], "ua1");
      seal(told[at], trusted);
    }
  }

  private static void form(String file, String name) throws Exception {
    PDFAFlavour flavour = PDFAFlavour.byFlavourId(name);
    try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour)) {
      ValidationResult found = Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
      say(file, name, found.isCompliant() ? "yes" : "no");
      for (TestAssertion each : found.getTestAssertions()) {
        if (each.getStatus() == TestAssertion.Status.FAILED) {
          say(file, "fault", each.getRuleId().getClause() + " " + each.getMessage());
        }
      }
    }
  }

  private static void seal(String file, CommonTrustedCertificateSource trusted) {
    var verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(trusted);
    SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
    validator.setCertificateVerifier(verifier);
    SimpleReport report = validator.validateDocument().getSimpleReport();
    for (String id : report.getSignatureIdList()) {
      say(file, "seal", report.getSignatureFormat(id) + " " + report.getIndication(id));
      report.getAdESValidationErrors(id).forEach(each -> say(file, "because", each.getValue()));
    }
  }

  private static void say(String... parts) {
    System.out.println(String.join("\t", parts));
  }
}
